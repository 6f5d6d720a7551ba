"""A recognizer to take away: its network as ONNX, and a program of one file that reads pictures
with it.
"""

import io
import json
import warnings
import zipfile
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn

from core.errors import InklingError
from core.models.cards import card_to_json
from core.models.recognizer import Recognizer
from core.models.registry import architecture

_READER = Path(__file__).with_name("onnx_reader.py")


class _Calibrated(nn.Module):
    """Images uint8 [N, size, size], ink 255 on 0, to what `Recognizer.predict` answers, float32
    [N, classes].
    """

    def __init__(self, recognizer: Recognizer) -> None:
        super().__init__()
        self.network, self.temperature = recognizer.network, recognizer.card.temperature

    def forward(self, images: Tensor) -> Tensor:
        inputs = images.unsqueeze(1).float() / 255
        probabilities = torch.softmax(self.network(inputs) / self.temperature, 1)
        blank = inputs.amax((1, 2, 3)) == 0
        return torch.where(blank[:, None], 1 / probabilities.shape[1], probabilities)


def to_onnx(recognizer: Recognizer) -> bytes:
    """An ONNX model from `images` uint8 [N, size, size], in the recognizer's canonical form, to
    `probabilities` float32 [N, classes], temperature included.

    Its metadata are the JSON texts `classes`, `form` and `card`. InklingError if it is a forest or
    k-NN.
    """
    card, form = recognizer.card, recognizer.form
    if not architecture(card.architecture).onnx:
        raise InklingError(
            f"{card.name} cannot become ONNX, as its answers are not made by a network "
            f"({card.architecture}); take its safetensors file, or train a network."
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's own code
        program = torch.onnx.export(
            _Calibrated(recognizer).eval(),
            (torch.zeros(2, form.size, form.size, dtype=torch.uint8),),
            verbose=False,
            input_names=["images"],
            output_names=["probabilities"],
            dynamic_shapes=({0: torch.export.Dim("n")},),
        )
    assert program is not None  # as no file is named
    texts = {"classes": card.classes, "form": asdict(form), "card": card_to_json(card)}
    program.model.metadata_props.update(
        {name: json.dumps(value, ensure_ascii=False) for name, value in texts.items()}
    )
    model: bytes = program.model_proto.SerializeToString()
    return model


def take_away(recognizer: Recognizer) -> bytes:
    """A zip of `model.onnx`, `card.json`, and `read.py`, which reads pictures with it."""
    card = json.dumps(card_to_json(recognizer.card), indent=1, ensure_ascii=False) + "\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("model.onnx", to_onnx(recognizer))
        folder.writestr("card.json", card)
        folder.writestr("read.py", _READER.read_text(encoding="utf-8"))
    return packed.getvalue()
