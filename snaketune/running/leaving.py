"""What a trial leaves open when it ends: its process ends at once, so this is done before.

TensorBoard's and Weights & Biases' writers, for example, rely on it.
"""

import atexit
import fcntl
import gc
import io
import os
import stat
import sys
import threading
import traceback
from contextlib import suppress

_SECONDS = 30.0  # that the trial's handlers may take
_FILE: type = io.IOBase.__mro__[1]  # the class in C of all files, which is fast to look for


def forget_handlers() -> None:
    """Forget what is to run at the end of the process that this one is a fork of.

    That process runs it at its own end. A handler may remove what the other forks still need.
    """
    atexit._clear()
    if "logging" in sys.modules:
        atexit.register(sys.modules["logging"].shutdown)


def leave() -> None:
    """Run the trial's `atexit` handlers, for a limited time, and write what its files hold back."""
    _flush()  # before, too: a handler may not return
    if atexit._ncallbacks():
        handlers = threading.Thread(target=_run_handlers, daemon=True)
        handlers.start()
        handlers.join(_SECONDS)
        if handlers.is_alive():
            print(f"Not waited for: 'atexit' handlers after {_SECONDS:g} s.", flush=True)
        _flush()


def _run_handlers() -> None:
    try:
        atexit._run_exitfuncs()
    except BaseException:
        traceback.print_exc()


def _flush() -> None:
    if not any(map(_is_written, _descriptors())):
        return  # as of nearly every trial; to look at all objects takes longer
    gc.unfreeze()  # a warm process has left its own out
    for file in [found for found in gc.get_objects() if issubclass(type(found), _FILE)]:
        with suppress(Exception):  # it is closed, its disk is full, or its class is not ours
            file.flush()


def _descriptors() -> list[int]:
    """The open files of this process, without input, output and errors."""
    with suppress(OSError):
        return [number for number in map(int, os.listdir("/dev/fd")) if number > 2]
    return []


def _is_written(descriptor: int) -> bool:
    """Whether it is a regular file that is open for writing."""
    with suppress(OSError):  # closed, as is what has listed them
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        is_regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return is_regular and flags & os.O_ACCMODE != os.O_RDONLY
    return False
