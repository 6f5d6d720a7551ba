"""The state of a training run at the end of an epoch, written whole and read back to the bit."""

from torch import Tensor, nn
from torch.optim import Optimizer

from core.models.tensors import load_tensors, save_tensors
from core.training.runs import Run


def store(
    run: Run, network: nn.Module, average: nn.Module, optimizer: Optimizer, *, epochs: int
) -> None:
    """Write network, moving average and the optimizer's tensors after so many epochs."""
    tensors = {f"network.{k}": v for k, v in network.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in average.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{k}": v for k, v in state.items() if isinstance(v, Tensor)}
    save_tensors(run.checkpoint, tensors, {"epochs": epochs})


def restore(run: Run, network: nn.Module, average: nn.Module, optimizer: Optimizer) -> int:
    """Read it into them; returns the epochs done."""
    tensors, metadata = load_tensors(run.checkpoint)

    def part(prefix: str) -> dict[str, Tensor]:
        return {
            name.removeprefix(prefix): tensor
            for name, tensor in tensors.items()
            if name.startswith(prefix)
        }

    network.load_state_dict(part("network."))
    average.load_state_dict(part("average."))
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in part("optimizer.").items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
    return int(str(metadata["epochs"]))
