"""The signals that end processes, in words."""

import signal


def killed_by(number: int) -> str:
    """How a process ended that this signal has killed.

    >>> killed_by(15)
    'was killed by SIGTERM'
    """
    try:
        name = signal.Signals(number).name
    except ValueError:  # of the real-time signals, only the first and the last have a name
        name = f"SIGRTMIN+{number - signal.SIGRTMIN}"
    why = ", as a machine does that is out of memory" if name == "SIGKILL" else ""
    return f"was killed by {name}{why}"
