"""The table of steps by which characters become a picture, in the order in which they happen.

Each is a setting with one number. At its `off` a step changes nothing and is passed over.
"""

from dataclasses import dataclass, replace

from core.synthesis.compose import layout, marks
from core.synthesis.effects import ink as inks
from core.synthesis.glyphs import Setting

LETTERS, INK, SHEET, PAPER = "Letters", "Ink", "Sheet", "Paper"
"""Groups: on single characters; on the joined ink; how it lies on its sheet; on the sheet."""


@dataclass(frozen=True)
class Step(Setting):
    """One row.

    off : the amount that changes nothing. usual : where it stands when it is switched on. name : by
    which recipes know it. pieces : its kernel, if it works on characters; picture : or on a
    picture. Those of the group SHEET have neither: the sheet is made with them. signs : characters
    that it changes; "" for all.
    """

    group: str
    usual: float
    off: float = 0.0
    name: str = ""
    pieces: layout.Kernel | None = None
    picture: marks.Kernel | None = None
    signs: str = ""


_SIZE = "heights of a capital"
_LOGARITHM = "Standard deviation of the logarithm"


def _letters(
    title: str,
    unit: str,
    limits: tuple[float, float, float],
    usual: float,
    kernel: layout.Kernel,
    about: str,
    *,
    off: float = 0.0,
    signs: str = "",
) -> Step:
    return Step(title, unit, *limits, about, LETTERS, usual, off, pieces=kernel, signs=signs)


def _often(title: str, usual: float, kernel: layout.Kernel, about: str, *, signs: str = "") -> Step:
    limits = 0.0, 1.0, 0.05
    return _letters(title, "probability", limits, usual, kernel, about, signs=signs)


def _sheet(
    title: str,
    unit: str,
    limits: tuple[float, float, float],
    usual: float,
    about: str,
    *,
    off: float = 0.0,
) -> Step:
    return Step(title, unit, *limits, about, SHEET, usual, off)


def _picture(
    title: str,
    unit: str,
    limits: tuple[float, float, float],
    usual: float,
    kernel: marks.Kernel,
    about: str,
    *,
    group: str = PAPER,
) -> Step:
    return Step(title, unit, *limits, about, group, usual, picture=kernel)


def _sometimes(title: str, usual: float, kernel: marks.Kernel, about: str) -> Step:
    return _picture(title, "probability", (0.0, 1.0, 0.05), usual, kernel, about)


# name: title, unit, (low, high, step of its slider), usual, kernel, about
_ON_LETTERS = {
    "undotted": _often(
        "No dots", 1, layout.take_dots, "The small i lose the dots they have.", signs="i"
    ),
    "even": _letters(
        "Even heights",
        "",
        (0.0, 1.0, 0.05),
        1,
        layout.even,
        "1: as high as capitals.",
        signs="ivxcm",
    ),
    "size": _letters(
        "Size jitter",
        "",
        (0.0, 0.4, 0.01),
        0.06,
        layout.vary_size,
        f"{_LOGARITHM}, letter by letter.",
    ),
    "breadth": _letters(
        "Breadth", "factor", (0.4, 2.0, 0.05), 0.8, layout.broaden, "Of the letters.", off=1
    ),
    "breadths": _letters(
        "Other breadths",
        "",
        (0.0, 0.4, 0.01),
        0.08,
        layout.vary_breadth,
        f"{_LOGARITHM}, letter by letter.",
    ),
    "leans": _letters(
        "Uneven slant",
        "degrees",
        (0.0, 20.0, 0.5),
        3,
        layout.lean,
        "Standard deviation, letter by letter.",
    ),
    "crowding": _letters(
        "Crowding", "", (0.0, 1.0, 0.05), 0.3, layout.crowd, "The more letters, the narrower."
    ),
    "pen": _letters("Pen", _SIZE, (0.0, 0.4, 0.005), 0.08, layout.set_pen, "0: as written."),
    "pens": _letters(
        "Other pens",
        "",
        (0.0, 1.0, 0.02),
        0.25,
        layout.vary_pen,
        f"{_LOGARITHM}, numeral by numeral.",
    ),
    "gap": _letters(
        "Spacing", _SIZE, (-0.3, 1.0, 0.01), 0.12, layout.space, "Below 0 letters overlap."
    ),
    "pitch": _letters(
        "Fixed pitch",
        "factor",
        (0.0, 2.0, 0.05),
        1,
        layout.set_pitch,
        "From middle to middle: 1 is 8 of 28 pixels from i to i, and 14 to other letters.",
    ),
    "uneven": _letters(
        "Uneven spacing", _SIZE, (0.0, 0.3, 0.01), 0.05, layout.vary_gaps, "Standard deviation."
    ),
    "overlap": _often("Overlap", 0.2, layout.overlap, "A letter runs into the one before it."),
    "lift": _letters(
        "Baseline jitter", _SIZE, (0.0, 0.3, 0.01), 0.03, layout.lift, "Standard deviation."
    ),
    "seam": _letters(
        "Seam cleaning",
        _SIZE,
        (0.0, 0.3, 0.01),
        0.05,
        layout.clean_seams,
        "A white rectangle so wide is laid before each letter; then they are superimposed.",
    ),
    "dots": _often(
        "Dots", 1, layout.add_dots, "The small i get the dots that they lack.", signs="i"
    ),
    "serifs": _often(
        "Serifs on I", 0.5, layout.add_serifs, "Strokes at its top and its foot.", signs="I"
    ),
    "bars": _often(
        "Bars on V and X", 0.3, layout.add_bars, "Each between two lines of its own.", signs="VX"
    ),
    "lines": _often("Lines above and below", 0.3, layout.add_lines, "Of the whole numeral."),
    "box": _often("Box", 0.2, layout.box, "Two lines, joined at the sides."),
}
_ON_INK = {
    "slant": _picture(
        "Slant", "degrees", (0.0, 30.0, 0.5), 6, marks.slant, "Standard deviation.", group=INK
    ),
    "turn": _picture(
        "Rotation", "degrees", (0.0, 45.0, 0.5), 4, marks.turn, "Standard deviation.", group=INK
    ),
    "bend": _picture(
        "Bending",
        "pixels at size 28",
        (0.0, 3.0, 0.1),
        0.6,
        marks.bend,
        "Elastic deformation, root mean square.",
        group=INK,
    ),
}
_OF_SHEET = {
    "sheet": _sheet("Sheet", "pixels", (16, 1000, 1), 256, "Its height.", off=256),
    "sheets": _sheet("Other sheets", "", (0.0, 0.6, 0.01), 0.15, f"{_LOGARITHM} of both sides."),
    "aspect": _sheet("Width of the sheet", "heights", (0.5, 3.0, 0.05), 1, "1: square.", off=1),
    "letter": _sheet(
        "Height of a capital",
        "share of the sheet",
        (0.05, 1.0, 0.01),
        0.6,
        "Wide numerals are reduced until they fit.",
        off=0.6,
    ),
    "letters": _sheet(
        "Other heights", "", (0.0, 0.8, 0.01), 0.2, f"{_LOGARITHM}, numeral by numeral."
    ),
    "place": _sheet(
        "Place", "share of the sheet", (0.0, 0.4, 0.01), 0.09, "Standard deviation off the middle."
    ),
    "widen": _sheet(
        "Wider canvas",
        "pixels of 28",
        (0.0, 8.0, 1.0),
        4,
        "For each letter of vii and viii after the second.",
    ),
}
_ON_PAPER = {
    "rough": _picture(
        "Rough edges",
        "",
        (0.0, 1.0, 0.05),
        0.4,
        marks.roughen,
        "Black and white only, its edges as of a coarse scan.",
    ),
    "broken": _sometimes("Broken strokes", 0.1, marks.break_strokes, "Faint strokes, half gone."),
    "neighbour": _sometimes("Neighbours", 0.15, marks.add_neighbour, "Bits of what stood beside."),
    "grid": _sometimes("Squared paper", 0.2, marks.add_grid, "Its lines, whole or in bits."),
    "specks": _picture(
        "Specks", "on average", (0.0, 30.0, 0.5), 2, marks.add_specks, "More near the edges."
    ),
    "grey": _picture("Grey ink", "grey level", (0.0, 128.0, 1.0), 64, marks.fade, "0: black."),
    "blotches": _sometimes("Blotches", 0.1, marks.add_blotches, "Shadows scanned as grain."),
    "dilation": _picture(
        "Dilation",
        "pixels at most",
        (-6.0, 6.0, 0.1),
        1,
        marks.dilate,
        "Of the white paper, which thins the strokes; below 0 they get thicker.",
    ),
    "gaussian": _picture(
        "Gaussian noise",
        "grey levels, sigma",
        (0.0, 128.0, 1.0),
        20,
        marks.up_to(inks.add_gaussian),
        "At most.",
    ),
    "uniform": _picture(
        "Uniform noise",
        "grey levels either way",
        (0.0, 255.0, 1.0),
        30,
        marks.up_to(inks.add_uniform),
        "At most.",
    ),
    "impulse": _picture(
        "Impulse noise",
        "share of pixels",
        (0.0, 0.3, 0.005),
        0.02,
        marks.up_to(inks.impulses),
        "At most.",
    ),
    "darken": _picture(
        "Darkening", "grey level", (0.0, 255.0, 1.0), 175, marks.darken, "Greys below become 50."
    ),
    "quantise": _picture(
        "Quantisation",
        "0 off, 1 on",
        (0.0, 1.0, 1.0),
        1,
        marks.quantise,
        "p // 43 * 43, then all above 43 to white.",
    ),
}
STEPS: dict[str, Step] = {
    name: replace(step, name=name)
    for name, step in (_ON_LETTERS | _ON_INK | _OF_SHEET | _ON_PAPER).items()
}
"""By name."""
