"""Checkpoints: a learner after some epochs, bit for bit."""

from pathlib import Path

from torch import Tensor

from core.models.tensors import load_tensors, save_tensors
from core.training.loop import Learner


def save_checkpoint(path: Path, learner: Learner, *, epochs: int) -> None:
    """Save network, moving average and the optimizer's tensors after `epochs` epochs."""
    tensors = {f"network.{name}": tensor for name, tensor in learner.network.state_dict().items()}
    tensors |= {f"average.{name}": tensor for name, tensor in learner.average.state_dict().items()}
    for index, state in learner.optimizer.state_dict()["state"].items():
        tensors |= {
            f"optimizer.{index}.{name}": value
            for name, value in state.items()
            if isinstance(value, Tensor)
        }
    save_tensors(path, tensors, {"epochs": epochs})


def restore(path: Path, learner: Learner) -> int:
    """Load the checkpoint into the learner, bit for bit; returns the epochs done."""
    tensors, metadata = load_tensors(path)

    def those_of(prefix: str) -> dict[str, Tensor]:
        return {
            name.removeprefix(prefix): tensor
            for name, tensor in tensors.items()
            if name.startswith(prefix)
        }

    learner.network.load_state_dict(those_of("network."))
    learner.average.load_state_dict(those_of("average."))
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in those_of("optimizer.").items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = tensor
    learner.optimizer.load_state_dict({**learner.optimizer.state_dict(), "state": state})
    return int(str(metadata["epochs"]))
