"""What it takes to go on with a training that was killed, as if nothing had happened."""

import pickle
import random
import sys
import zipfile
from pathlib import Path

from snaketune.base.wholefile import whole


def save(path: Path, content: dict):
    """Write `content`, anything that pickles, with the state of every random generator."""
    content = {**content, "random": random_states()}
    with whole(path) as stream:
        if "torch" in sys.modules:
            sys.modules["torch"].save(content, stream)
        else:
            pickle.dump(content, stream)


def load(path: Path) -> dict:
    """What `save` wrote; tensors come to the CPU. The generators stay as they are."""
    if not zipfile.is_zipfile(path):  # torch was not there when it was written
        return pickle.loads(path.read_bytes())
    import torch

    # Ours, and any Python object may be in it: no weights from a stranger.
    return torch.load(path, map_location="cpu", weights_only=False)


def random_states() -> dict:
    """The states of Python's, NumPy's and PyTorch's generators, of those that are loaded."""
    states = {"python": random.getstate()}
    if "numpy" in sys.modules:
        states["numpy"] = sys.modules["numpy"].random.get_state()
    if torch := sys.modules.get("torch"):
        states["torch"] = torch.get_rng_state()
        if torch.cuda.is_initialized():
            states["cuda"] = torch.cuda.get_rng_state_all()
    return states


def restore_random(states: dict):
    """Put the generators back to what `random_states` told."""
    random.setstate(states["python"])
    if "numpy" in states:
        sys.modules["numpy"].random.set_state(states["numpy"])
    if "torch" in states:
        sys.modules["torch"].set_rng_state(states["torch"])
    if "cuda" in states:
        sys.modules["torch"].cuda.set_rng_state_all(states["cuda"])
