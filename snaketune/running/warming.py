"""What a process loads to be warm, and whether a fork of it is as good as a process of its own."""

import gc
import os
import sys
import threading
from contextlib import chdir
from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.records.task import Task
from snaketune.running.machine import environment, make_deterministic
from snaketune.usercode import entrypoint

# Threads that a library starts again where it needs them: one gives back unused memory.
_HARMLESS = ("jemalloc_bg_thd",)
# Libraries that say themselves that a fork must not use them, whether or not a thread runs yet.
_NEVER_FORKED = ("jax", "polars", "tensorflow")


def warm_up(task: Task) -> str | None:
    """Load what the trials of a run have in common.

    Returns why they have to run cold: "" where the first trial says it and ends the run, or None.
    """
    try:
        _load(task)
        obstacle = _obstacle()
    except StudyError:
        return ""
    except BaseException as error:  # the log of each trial has its traceback
        return f"importing {task.entrypoint} raises {type(error).__name__}: {error}"
    return obstacle and f"importing {task.entrypoint} {obstacle}"


def _load(task: Task) -> None:
    """Load what trials need, in the way that a trial does."""
    if task.entrypoint is not None:
        with chdir("."):  # its import may change the working directory
            entrypoint.keep(task.entrypoint)
    make_deterministic(0, 1)  # with one thread: a pool of them would not survive a fork
    environment(1)
    if "torch" in sys.modules:
        _step()
    gc.collect()
    gc.freeze()  # so that no collection in a fork copies all of this


def _step() -> None:
    """Train a few numbers for a step, as the first one makes PyTorch load and set up much.

    With CUDA nothing of it can be done before a fork.
    """
    import torch
    from torch import nn

    if torch.version.cuda is not None:
        return
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    optimizer = torch.optim.Adam(model.parameters())
    loss = nn.functional.cross_entropy(model(torch.zeros(3, 4)), torch.zeros(3, dtype=torch.long))
    loss.backward()  # type: ignore[no-untyped-call]  # PyTorch has no types for it
    optimizer.step()


def _obstacle() -> str | None:
    """What of this process a fork would lack, or could not use."""
    if names := [name for name in _NEVER_FORKED if name in sys.modules]:
        return f"loads {' and '.join(names)}, which a fork can't use"
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        return "uses the GPU, which a fork can't do then"
    others = [each.name for each in threading.enumerate() if each is not threading.main_thread()]
    started = len(sys._current_frames()) - 1  # also those that `threading` knows nothing of
    if started:
        return f"starts a thread of Python ({', '.join(others) or started})"
    if names := _threads():
        return f"starts threads of a library ({', '.join(names)})"
    return None


def _threads() -> list[str]:
    """The names of threads that a fork would lack, and may wait for.

    Libraries that know of forks, such as OpenBLAS, end their threads before one.
    """
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    others = [task for task in Path("/proc/self/task").iterdir() if task.name != str(os.getpid())]
    names = sorted((task / "comm").read_text().strip() for task in others)
    return [name for name in names if name not in _HARMLESS]
