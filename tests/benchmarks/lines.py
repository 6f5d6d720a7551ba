"""Lines of handwriting by people held out, read by Inkling and by RapidOCR: numbers, words in
capitals, numbers made to touch or to overlap, and single characters with their case.

pip install -r tests/benchmarks/requirements.txt
INKLING_DATA=DATA_ROOT python -m tests.benchmarks.lines      about ten minutes; writes
assets/results/lines.csv and the figures of the card of the line network

The strokes are UniPen's (`DATA/strokes/unipen-lines.json.gz` and `unipen.json.gz`), of writers for
validation: they chose the prior's weight and the moment to stop. RapidOCR reads the same pictures,
recognition alone, with the models in its wheel; spaces that either reads are taken out.
"""

import dataclasses
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version

import cv2
import numpy as np
from rapidocr import RapidOCR
from rapidocr.ch_ppocr_rec.typings import TextRecOutput

from core.datasets.labels import select_classes
from core.datasets.stroke_files import read_strokes
from core.evaluation.publish import hardware
from core.ink.handwritten import Handwritten
from core.intervals import Measured, wilson_interval
from core.models.cards import read_card, save_card
from core.models.line_reader import LINES
from core.models.recognizer import Recognizer, load_recognizer
from core.reading.line import read_line
from core.settings import Settings
from core.synthesis.compose.lines import Spacing, Typesetter
from tests.benchmarks.canvas import LINE, on_canvas
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.lines"
PEN = 10
"""Pixels, on the canvas of lines."""

TOUCHING = Spacing(gap=0.03, uneven=0.02, lift=0.03, size=0.06)
"""Between the middles of the strokes: half the pen's width, so that the ink of neighbours meets."""

OVERLAPPING = Spacing(gap=-0.04, uneven=0.02, lift=0.03, size=0.06)
TOUCHED, CHARACTERS = 200, 3000

Drawing = tuple[str, np.ndarray]
"""A text, and its picture: grey uint8 [H, W], black on white."""


def whole_lines(lines: Handwritten, wanted: Callable[[str], bool]) -> Iterator[Drawing]:
    """Lines as people wrote them."""
    generator = np.random.default_rng(0)
    for number, text in enumerate(map(str, lines.labels)):
        picture = on_canvas(lines.piece(number), generator, pen=PEN, canvas=LINE)
        if wanted(text):
            yield text, picture


def joined_numbers(characters: Handwritten, spacing: Spacing) -> Iterator[Drawing]:
    """Numbers of four digits of one writer, moved together; those in which nothing touches are left
    out.
    """
    generator = np.random.default_rng(1)
    setter = Typesetter(characters.take(np.char.isdigit(characters.labels)))
    count = 0
    while count < TOUCHED:
        text = f"{generator.integers(1000, 10_000)}"
        strokes = setter.write(text, generator, spacing)
        picture = on_canvas(strokes, generator, pen=PEN, canvas=LINE)
        pieces = cv2.connectedComponents((picture < 128).astype(np.uint8))[0] - 1
        if pieces < len(text):
            count += 1
            yield text, picture


def single_characters(characters: Handwritten) -> Iterator[Drawing]:
    """One character each, as on the canvas for characters."""
    generator = np.random.default_rng(2)
    for number in generator.permutation(len(characters))[:CHARACTERS]:
        yield str(characters.labels[number]), on_canvas(characters.piece(number), generator, pen=20)


def main() -> None:
    settings = Settings.from_environment()
    lines, characters = (
        read_strokes(settings.data / "strokes" / name)
        for name in ("unipen-lines.json.gz", "unipen.json.gz")
    )
    lines, characters = lines.take(lines.held_out), characters.take(characters.held_out)
    digits, letters = (load_recognizer(name, settings) for name in ("digits", "characters"))
    capitals = letters.only(select_classes("capitals", letters.card.classes))
    other = RapidOCR()
    kinds: list[tuple[str, Recognizer, str, Iterator[Drawing]]] = [
        ("numbers", digits, "digits", whole_lines(lines, str.isdigit)),
        (
            "words in capitals",
            capitals,
            "characters --only capitals",
            whole_lines(lines, str.isalpha),
        ),
        ("words in capitals", letters, "characters", whole_lines(lines, str.isalpha)),
        (
            "numbers of four made to touch",
            digits,
            "digits",
            joined_numbers(characters, TOUCHING),
        ),
        (
            "numbers of four made to overlap",
            digits,
            "digits",
            joined_numbers(characters, OVERLAPPING),
        ),
        (
            "single characters, with case",
            letters,
            "characters --line",
            single_characters(characters),
        ),
    ]
    rows: list[list[object]] = []
    whole = [0, 0]  # lines that people wrote: right, of how many
    for kind, recognizer, name, drawings in kinds:
        ours, theirs, sure = [], [], []
        for text, picture in drawings:
            line = read_line(recognizer, picture)
            ours.append(line is not None and without_spaces(line.text) == text)
            sure.append(line.confidence if line else 0.0)
            answer = other(
                np.repeat(picture[..., None], 3, 2), use_det=False, use_cls=False, use_rec=True
            )
            assert isinstance(answer, TextRecOutput)
            theirs.append(without_spaces((answer.txts or ("",))[0]) == text)
        if kind in ("numbers", "words in capitals") and recognizer is not letters:
            whole = [whole[0] + sum(ours), whole[1] + len(ours)]
        for who, right in ((name, ours), (f"RapidOCR {version('rapidocr')}", theirs)):
            low, high = wilson_interval(sum(right), len(right))
            rows.append(
                [
                    kind,
                    who,
                    len(right),
                    round(np.mean(right), 4),
                    round(low, 4),
                    round(high, 4),
                    round(float(np.mean(sure)), 4) if right is ours else "",
                    hardware(),
                    COMMAND,
                ]
            )
            print(*rows[-1][:7])
    write_results(
        "lines.csv", "lines,reader,n,exact,low_95,high_95,mean_confidence,hardware,command", rows
    )
    exact = Measured.of(whole[0], whole[1], "UniPen lines by writers held out, exactly right")
    save_card(LINES.parent, dataclasses.replace(read_card(LINES), validation=exact))


def without_spaces(text: str) -> str:
    return "".join(text.split())


if __name__ == "__main__":
    print(platform.platform())
    main()
