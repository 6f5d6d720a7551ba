"""Tensors on disk: safetensors only, written to a temporary file and renamed; reading never
executes code.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from core.errors import InklingError
from core.files import write_whole

MAX_BYTES = 2 * 2**30


def save_tensors(
    path: Path, tensors: Mapping[str, torch.Tensor], metadata: dict[str, object] | None = None
) -> None:
    """Write tensors and a small JSON object; a kill at any moment leaves either the old or the new
    file intact.
    """
    packed = save(
        {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()},
        {"json": json.dumps(metadata or {})},
    )
    write_whole(path, packed, sync=True)


def load_tensors(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, object]]:
    """Read what `save_tensors` wrote. Raises InklingError for a file that is missing, too large or
    not safetensors.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InklingError(
                f"{path.name} is larger than 2 GB; it is not one of Inkling's files."
            )
        with safe_open(path, framework="pt") as file:
            names = list(file.keys())
            metadata = json.loads((file.metadata() or {}).get("json", "{}"))
            return {name: file.get_tensor(name) for name in names}, metadata
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise InklingError(
            f"{path.name} cannot be read as safetensors ({reason}); restore it or train it again."
        ) from error
