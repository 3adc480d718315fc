"""The machine under a trial: its random generators, threads, memory, and what ran where."""

import io
import os
import platform
import random
import resource
import sys
from typing import Any

import snaketune


def make_deterministic(seed: int, threads: int) -> None:
    """Seed every random generator that is loaded, and have PyTorch use deterministic algorithms."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed % 2**32)
    if "torch" in sys.modules:
        torch = sys.modules["torch"]
        torch.manual_seed(seed)
        torch.set_num_threads(threads)
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS asks for it
        # As torch.use_deterministic_algorithms, which also imports the compiler: a second of CPU.
        torch.set_deterministic_debug_mode("warn")


def print_utf8() -> None:
    """Have what this process prints be UTF-8, whatever the locale: so are all logs."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def peak_memory(*usages: resource.struct_rusage) -> float:
    """The largest resident memory, in MiB, of these usages (`os.wait4`).

    Without any: of this process and of its children that have ended.
    """
    scale = 2**20 if sys.platform == "darwin" else 2**10
    own = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    found = usages or [resource.getrusage(who) for who in own]
    return float(round(max(usage.ru_maxrss for usage in found) / scale, 1))


def environment(threads: int, device: str | None = None) -> dict[str, Any]:
    """Where a trial ran, and on what: enough to explain a difference, or to repeat it."""
    loaded: dict[str, Any] = {
        name: str(sys.modules[name].__version__)  # PyTorch's is no plain text
        for name in ("numpy", "torch", "sklearn")
        if name in sys.modules
    }
    return {
        "snaketune": snaketune.__version__,
        "python": platform.python_version(),
        **loaded,
        "platform": platform.platform(),
        "host": platform.node(),
        "device": device or "cpu",
        "threads": threads,
    }
