from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from core.datasets.published import open_emnist, open_mnist
from core.errors import InklingError
from core.ink.forms import (
    FORMS,
    Form,
    canonical,
    canonical_ink,
    form_named,
    picture_to_form,
    to_form,
)
from core.ink.strokes import draw_strokes
from core.synthesis.handwriting import Handwriting
from tests.handwriting import FIVE, FOUR, SEVEN, THREE, Strokes, canvas, in_box, likeness

GLYPHS = {"3": THREE, "4": FOUR, "5": FIVE, "7": SEVEN}
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
every_glyph = pytest.mark.parametrize("glyph", GLYPHS.values(), ids=GLYPHS)


def test_glyphs_are_drawn_as_mnist_frames_its_digits() -> None:
    assert [name for name, form in FORMS.items() if form.fits_glyphs] == ["mnist"]


def read(grey: np.ndarray, form: Form) -> np.ndarray:
    stages = canonical(grey, form)
    assert stages is not None
    return stages.model_input


@given(
    arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=60))
    | arrays(np.uint8, st.sampled_from([(3, 400), (500, 4), (1, 90)])),
    st.sampled_from(list(FORMS.values())),
)
def test_any_picture_gives_model_input_or_none(grey: np.ndarray, form: Form) -> None:
    stages = canonical(grey, form)
    if stages is not None:
        assert (stages.model_input.shape, stages.model_input.dtype, stages.model_input.max()) == (
            (28, 28),
            np.uint8,
            255,
        )
    image = picture_to_form(grey, form)
    assert image is None or (image.shape == (28, 28) and image.dtype == np.uint8)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 199),
            st.integers(0, 299),
            st.integers(1, 120),
            st.integers(1, 120),
            st.integers(0, 255),
        ),
        max_size=6,
    ),
    st.sampled_from(list(FORMS.values())),
)
def test_any_rectangles_give_model_input_or_none(
    rectangles: list[tuple[int, ...]], form: Form
) -> None:
    grey = np.full((200, 300), 230, np.uint8)
    for top, left, height, width, value in rectangles:
        grey[top : top + height, left : left + width] = value
    stages = canonical(grey, form)
    assert stages is None or (
        stages.model_input.shape == (28, 28) and stages.model_input.max() == 255
    )


@every_form
def test_blank_is_none(form: Form, random: np.random.Generator) -> None:
    noise = np.clip(random.normal(190, 7, (600, 400)), 0, 255).astype(np.uint8)
    for grey in (
        np.zeros((280, 280), np.uint8),
        np.full((280, 280), 255, np.uint8),
        np.full((28, 28), 255, np.uint8),
        noise,
    ):
        assert canonical(grey, form) is None
        assert picture_to_form(grey, form) is None


@every_form
@every_glyph
def test_polarity_makes_no_difference(form: Form, glyph: Strokes) -> None:
    np.testing.assert_array_equal(read(canvas(glyph), form), read(255 - canvas(glyph), form))


@every_form
@every_glyph
def test_uneven_light_makes_almost_none(form: Form, glyph: Strokes) -> None:
    grey = canvas(glyph) * 0.8 + 20
    uneven = grey * np.linspace(0.5, 1, 280)[:, None] * np.linspace(1, 0.8, 280)
    assert likeness(read(grey.astype(np.uint8), form), read(uneven.astype(np.uint8), form)) > 0.985


@every_form
@every_glyph
@pytest.mark.parametrize(("left", "top"), [(40, 30), (140, 100), (13, 107)])
def test_place_makes_no_difference(form: Form, glyph: Strokes, left: float, top: float) -> None:
    assert (
        likeness(read(canvas(glyph), form), read(canvas(glyph, left=left, top=top), form)) > 0.995
    )


@every_form
@every_glyph
@pytest.mark.parametrize("scale", [0.5, 0.7, 1.4, 2.0])
def test_scale_makes_almost_no_difference(form: Form, glyph: Strokes, scale: float) -> None:
    usual = canvas(glyph, height=100, pen=12)
    scaled = canvas(glyph, size=400, height=100 * scale, pen=12 * scale)
    assert likeness(read(usual, form), read(scaled, form)) > 0.985


@every_form
@every_glyph
@pytest.mark.parametrize(("pen", "bound"), [(8, 0.90), (32, 0.80)])
def test_pen_width_makes_little_difference(
    form: Form, glyph: Strokes, pen: float, bound: float
) -> None:
    assert likeness(read(canvas(glyph, pen=20), form), read(canvas(glyph, pen=pen), form)) > bound


@every_form
@every_glyph
def test_a_speck_of_dust_makes_no_difference(form: Form, glyph: Strokes) -> None:
    dusty = canvas(glyph)
    dusty[5:7, 5:8] = 0
    dusty[270, 200] = 0
    np.testing.assert_array_equal(read(dusty, form), read(canvas(glyph), form))


@every_glyph
@pytest.mark.parametrize("stretch", [0.3, 1.0, 2.5])
def test_mnist_form_is_as_lecun_describes_it(glyph: Strokes, stretch: float) -> None:
    """Ink in a 20x20 box, its aspect kept, the centre of mass in the middle of pixel 14, where
    MNIST's own pictures have it.
    """
    strokes = in_box(glyph, left=200, top=60, width=100 * stretch, height=160)
    image = read(255 - draw_strokes(strokes, width=14, size=(280, 600)), FORMS["mnist"])
    rows, columns = np.nonzero(image > 24)
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert max(height, width) == pytest.approx(20, abs=1)
    assert width / height == pytest.approx((100 * stretch + 14) / 174, rel=0.15, abs=0.07)
    weights = image / image.sum()
    centre = ((np.arange(28) + 0.5) @ weights.sum(1), (np.arange(28) + 0.5) @ weights.sum(0))
    assert centre == pytest.approx((14.5, 14.5), abs=0.6)


@every_glyph
@pytest.mark.parametrize("stretch", [0.3, 1.0, 2.5])
def test_emnist_form_is_as_cohen_describes_it(glyph: Strokes, stretch: float) -> None:
    """The bounding box in the middle, a border of 2 pixels up to the blur."""
    strokes = in_box(glyph, left=200, top=60, width=100 * stretch, height=160)
    image = read(255 - draw_strokes(strokes, width=14, size=(280, 600)), FORMS["emnist"])
    rows, columns = np.nonzero(image > 80)
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    assert longer == pytest.approx(24, abs=1)
    assert (rows.min() + rows.max() + 1) / 2 == pytest.approx(14, abs=1)
    assert (columns.min() + columns.max() + 1) / 2 == pytest.approx(14, abs=1)
    assert image[0].max() < 30
    assert image[:, 0].max() < 30


@every_form
@pytest.mark.parametrize("pen", [8, 20, 32])
def test_the_pen_has_the_forms_width(form: Form, pen: float) -> None:
    """A straight stroke's profile: its ink summed across is its width."""
    image = read(canvas(([(0.5, 0.0), (0.5, 1.0)],), pen=pen), form)
    assert image[10:18].sum(1).mean() / 255 == pytest.approx(form.pen, abs=0.7)


@every_form
def test_the_stages_lead_from_one_to_the_next(form: Form) -> None:
    stages = canonical(canvas(FIVE), form)
    assert stages is not None
    rows, columns = np.nonzero(stages.ink > 127)
    np.testing.assert_array_equal(
        stages.crop, stages.ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    )
    assert max(stages.normalised.shape) == pytest.approx(form.box * 8, abs=8)
    assert all(stage.dtype == np.uint8 for stage in (stages.ink, stages.crop, stages.normalised))


@every_form
@every_glyph
def test_a_picture_of_the_forms_size_is_framed_like_any_other(form: Form, glyph: Strokes) -> None:
    """Small, in a corner, dark on light: what comes of it is what comes of the large drawing."""
    large = canvas(glyph, left=20, top=20, height=150)
    tiny = cv2.resize(large, (28, 28), interpolation=cv2.INTER_AREA)
    image = picture_to_form(tiny, form)
    assert image is not None
    assert likeness(image, read(large, form)) > 0.85
    np.testing.assert_array_equal(picture_to_form(255 - tiny, form), image)


@every_form
def test_images_of_the_size_are_model_input_as_they_are(
    form: Form, random: np.random.Generator
) -> None:
    """Also on bright paper, for which a single picture would be inverted."""
    images = random.integers(0, 256, (3, 28, 28), np.uint8)
    images[0] = 255 - canvas(FIVE)[::10, ::10]
    for ink_maps in (False, True):
        np.testing.assert_array_equal(to_form(images, form, ink_maps=ink_maps), images)


@every_form
def test_images_of_another_size_are_brought_to_the_form_one_by_one(
    form: Form, tmp_path: Path
) -> None:
    blank = np.full((280, 280), 255, np.uint8)
    pictures = [canvas(FIVE), blank, 255 - canvas(SEVEN)] * 100  # more than one batch
    np.save(tmp_path / "images.npy", np.stack(pictures))
    images = np.load(tmp_path / "images.npy", mmap_mode="r")
    five, seven = read(canvas(FIVE), form), read(canvas(SEVEN), form)
    expected = np.stack([five, np.zeros_like(five), seven] * 100)
    text: list[tuple[int, int]] = []
    made = to_form(images, form, report=lambda done, total=0, note="": text.append((done, total)))
    np.testing.assert_array_equal(made, expected)
    assert text == [(done, 300) for done in range(1, 301)]
    assert to_form(images[:0], form).shape == (0, 28, 28)


@every_form
def test_no_paper_is_looked_for_in_an_ink_map(form: Form) -> None:
    """A picture full of ink is a character if it is known to be ink, and one too faint is none."""
    full = np.full((60, 40), 255, np.uint8)
    faint = np.full((60, 40), 127, np.uint8)
    made = to_form(np.stack([full, faint]), form, ink_maps=True)
    np.testing.assert_array_equal(made[0], canonical_ink(full, form).model_input)
    assert made[0].max() == 255
    assert not made[1].any()
    assert not to_form(full[None], form).any()


def test_whoever_reports_may_stop_it() -> None:
    def stop(done: int, total: int = 0, note: str = "") -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        to_form(np.stack([canvas(FIVE)] * 2), FORMS["mnist"], report=stop)


def test_forms_by_name() -> None:
    assert form_named("mnist") is FORMS["mnist"]
    with pytest.raises(InklingError, match="emnist"):
        form_named("cursive")
    with pytest.raises(AttributeError):
        FORMS["mnist"].size = 32  # type: ignore[misc]
    assert read(canvas(), replace(FORMS["mnist"], size=32, box=24)).shape == (32, 32)


@pytest.mark.parametrize(("name", "median", "low"), [("mnist", 0.9, 0.72), ("emnist", 0.87, 0.5)])
def test_an_enlarged_scan_comes_back(real_data: Path, name: str, median: float, low: float) -> None:
    """Pictures of the data set, ten times as large and dark on light, become the original scans, in
    position.
    """
    images = (
        open_mnist(real_data, "test")
        if name == "mnist"
        else open_emnist(real_data, "balanced", "test")
    ).images[:300]
    back = np.stack(
        [
            read(
                255
                - cv2.resize(
                    np.ascontiguousarray(image), (280, 280), interpolation=cv2.INTER_CUBIC
                ),
                FORMS[name],
            )
            for image in images
        ]
    )
    alike = [likeness(one, image) for one, image in zip(back, images, strict=True)]
    assert np.median(alike) > median
    assert np.percentile(alike, 5) > low
    np.testing.assert_allclose(middles(back), middles(images), atol=0.2)


def middles(images: np.ndarray) -> tuple[float, float]:
    """Mean row and column of the ink of all pictures [N, H, W]."""
    ink = images.mean(0, dtype=float)
    return float(np.average(np.arange(28), weights=ink.sum(1))), float(
        np.average(np.arange(28), weights=ink.sum(0))
    )


def test_threads_do_not_change_the_result() -> None:
    drawn = [
        draw_strokes(Handwriting().sketch(n).strokes(size=280), width=18, size=(280, 280))
        for n in range(60)
    ]
    alone = [canonical_ink(ink, FORMS["mnist"]).normalised for ink in drawn]
    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(lambda ink: canonical_ink(ink, FORMS["mnist"]).normalised, drawn * 3)
        )
    assert all(np.array_equal(a, b) for a, b in zip(alone * 3, together, strict=True))


@pytest.mark.parametrize("sigma", [2.0, 4.0, 8.0])
def test_the_blur_is_the_width_of_the_edges(sigma: float) -> None:
    """A Gaussian rises as the normal distribution, of which 2 sigma / sqrt(2 pi) lies on the wrong
    side of the edge: as in a straight ramp four times as wide.
    """
    cross = [np.array([[60.0, 60], [340, 340]]), np.array([[60.0, 340], [340, 60]])]
    ink = draw_strokes(cross, width=40, size=(400, 400))
    sharp = canonical_ink(ink, FORMS["mnist"])
    blurred = canonical_ink(cv2.GaussianBlur(ink, (0, 0), sigma), FORMS["mnist"])
    ramp = 4 * 2 * sigma / np.sqrt(2 * np.pi)
    assert blurred.blur == pytest.approx(ramp / max(sharp.crop.shape), rel=0.1)
    assert sharp.blur < 0.005
