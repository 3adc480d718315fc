"""What it takes to go on with a training that was killed, as if nothing had happened."""

import pickle
import random
import sys
import zipfile
from pathlib import Path
from typing import Any, cast

from snaketune.base.wholefile import whole

Content = dict[str, Any]


def save(path: Path, content: Content) -> None:
    """Write `content`, anything that pickles, with the state of every random generator."""
    content = {**content, "random": random_states()}
    with whole(path) as stream:
        if "torch" in sys.modules:
            sys.modules["torch"].save(content, stream)
        else:
            pickle.dump(content, stream)


def load(path: Path) -> Content:
    """What `save` wrote, with all tensors on the CPU. The generators stay as they are."""
    if not zipfile.is_zipfile(path):  # torch was not there when it was written
        return cast(Content, pickle.loads(path.read_bytes()))
    import torch

    # Ours, and any Python object may be in it: no weights from a stranger.
    return cast(Content, torch.load(path, map_location="cpu", weights_only=False))


def random_states() -> Content:
    """The states of Python's, NumPy's and PyTorch's generators, of those that are loaded."""
    states: Content = {"python": random.getstate()}
    if "numpy" in sys.modules:
        states["numpy"] = sys.modules["numpy"].random.get_state()
    if torch := sys.modules.get("torch"):
        states["torch"] = torch.get_rng_state()
        if torch.cuda.is_initialized():
            states["cuda"] = torch.cuda.get_rng_state_all()
    return states


def restore_random(states: Content) -> None:
    """Put the generators back to what `random_states` returned."""
    random.setstate(states["python"])
    if "numpy" in states:
        sys.modules["numpy"].random.set_state(states["numpy"])
    if "torch" in states:
        sys.modules["torch"].set_rng_state(states["torch"])
    if "cuda" in states:
        sys.modules["torch"].cuda.set_rng_state_all(states["cuda"])
