"""."""

import os
import platform
import random
import resource
import sys

import snaketune


def make_deterministic(seed: int, threads: int):
    """Seed every generator that is loaded, and have PyTorch add up in one order only."""
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


def peak_memory(*usages) -> float:
    """The most memory (MiB, resident) of these usages (`os.wait4`).

    Without any, the most that this process, or a child of it that has ended, ever had.
    """
    scale = 2**20 if sys.platform == "darwin" else 2**10
    own = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    usages = usages or [resource.getrusage(who) for who in own]
    return round(max(usage.ru_maxrss for usage in usages) / scale, 1)


def environment(threads: int, device: str | None = None) -> dict:
    """Where a trial ran, and on what: enough to explain a difference, or to repeat it."""
    loaded = {
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
