"""Recognizers whose answers can be computed by hand, for tests of counts."""

import numpy as np
import torch
from torch import nn

from core.ink.forms import FORMS
from core.models.recognizer import Recognizer
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.glyphs import Hand
from core.synthesis.handwriting import Handwriting
from tests.conftest import DIGITS, tiny_card


def mean_reader(
    classes: tuple[str, ...] = DIGITS, *, form: str = "mnist", temperature: float = 4.0
) -> Recognizer:
    """Answers with the digit whose mean over 200 slightly jittered classic images is nearest; other
    classes are far from all.

    |x - m|^2 is least where 2 m x - |m|^2 is greatest, which is a linear layer.
    """
    glyphs = load_glyphs("classic")
    weights, biases = torch.zeros(len(classes), 784), torch.full((len(classes),), -1e4)
    for digit in DIGITS:
        images, _ = Handwriting(glyphs, Hand(jitter=0.5), (digit,), seed=1).draw(0, 200)
        mean = torch.from_numpy(images.reshape(200, 784).astype(np.float32) / 255).mean(0)
        weights[classes.index(digit)], biases[classes.index(digit)] = 2 * mean, -(mean**2).sum()
    layer = nn.Linear(784, len(classes))
    with torch.no_grad():
        layer.weight.copy_(weights)
        layer.bias.copy_(biases)
    card = tiny_card("means", classes, form=form, temperature=temperature)
    return Recognizer(
        nn.Sequential(nn.Flatten(), layer).eval().requires_grad_(False), FORMS[form], card
    )
