"""Effects against other libraries, slices and moments; flips against facts about characters."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from core.errors import InklingError
from core.synthesis.effects.flips import HALF_TURN, LEFT_RIGHT, TOP_BOTTOM
from core.synthesis.effects.geometry import deform, rotate, shear, shift, stretch, zoom
from core.synthesis.effects.ink import blur, contrast, quantise, thicken
from core.synthesis.effects.table import EFFECTS, apply_effects, format_effects, parse_effects
from tests.sentences import is_sentence

FLIPS = {"flip-left-right": LEFT_RIGHT, "flip-top-bottom": TOP_BOTTOM, "half-turn": HALF_TURN}
CROSS = ndimage.generate_binary_structure(2, 1)


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


def spot(side: int, x: float, y: float) -> np.ndarray:
    """A soft round spot, its position relative to the centre of the picture."""
    across = np.arange(side) - (side - 1) / 2
    return np.rint(255 * np.exp(-((across - x) ** 2 + (across[:, None] - y) ** 2) / 8)).astype(
        np.uint8
    )


def centre_of_mass(image: np.ndarray) -> complex:
    """x + iy of the centre of mass, relative to the centre of the picture."""
    y, x = np.array(ndimage.center_of_mass(image.astype(float))) - (np.array(image.shape) - 1) / 2
    return complex(x, y)


@pytest.mark.parametrize("side", [8, 9, 28])
def test_quarter_and_half_turns_are_exact(side):
    image = picture(side, side)
    np.testing.assert_array_equal(rotate(image, 90), np.rot90(image))
    np.testing.assert_array_equal(rotate(image, -90), np.rot90(image, -1))
    np.testing.assert_array_equal(rotate(image, 180), image[::-1, ::-1])


@pytest.mark.parametrize(("right", "down"), [(3, 0), (0, -2), (-5, 4), (30, 0)])
def test_a_shift_by_whole_pixels_brings_in_paper(right, down):
    image = picture(12, 17)
    np.testing.assert_array_equal(
        shift(image, right, down), np.pad(image, 40)[40 - down : 52 - down, 40 - right : 57 - right]
    )


def test_a_shift_by_a_quarter_pixel_mixes_neighbours():
    image = picture(12, 17).astype(float)
    before = np.pad(image, ((0, 0), (1, 0)))[:, :-1]
    assert (
        np.abs(shift(image.astype(np.uint8), 0.25, 0) - (0.75 * image + 0.25 * before)).max() <= 1
    )


def test_zoom_keeps_the_centre_and_samples_between():
    image = picture(9, 9)
    np.testing.assert_array_equal(zoom(image, 2)[::2, ::2], image[2:7, 2:7])
    np.testing.assert_array_equal(zoom(image, 0.5), np.pad(image[::2, ::2], 2))


def test_stretch_widens_as_much_as_it_lowers():
    image = picture(9, 9)
    np.testing.assert_array_equal(stretch(image, math.log(2))[2:7, ::2], image[::2, 2:7])
    np.testing.assert_array_equal(stretch(image, -math.log(2)), stretch(image.T, math.log(2)).T)


def test_shear_of_45_degrees_moves_each_row_by_its_distance_from_the_middle():
    image = picture(9, 11)
    expected = [np.pad(row, 9)[9 - (4 - y) : 20 - (4 - y)] for y, row in enumerate(image)]
    np.testing.assert_array_equal(shear(image, 45), expected)


@pytest.mark.parametrize("side", [28, 56])
def test_every_picture_draws_its_own_geometry_uniformly_within_the_amount(side):
    scale = side / 28
    middle, above = spot(side, 0, 0), spot(side, 0, -7 * scale)
    measures = {
        ("rotation", 20, 1): (above, lambda at: math.degrees(math.atan2(-at.real, -at.imag))),
        ("shear", 20, 1): (above, lambda at: math.degrees(math.atan2(at.real, -at.imag))),
        ("zoom", 0.3, 1): (above, lambda at: -at.imag / (7 * scale) - 1),
        ("stretch", 0.3, 1): (above, lambda at: math.log(-at.imag / (7 * scale))),
        ("shift", 5, scale): (middle, lambda at: at.real),
        ("shift", 5.0, scale): (middle, lambda at: at.imag),
    }
    generator = np.random.default_rng(1)
    for (name, amount, unit), (image, measure) in measures.items():
        values = np.array(
            [
                measure(centre_of_mass(apply_effects(image, "7", [(name, amount)], generator)[0]))
                for _ in range(150)
            ]
        ) / (amount * unit)
        assert np.abs(values).max() < 1.03, name
        assert np.abs(values).max() > 0.93, name
        assert abs(values.mean()) < 0.15, name
        assert abs(values.std() - 1 / math.sqrt(3)) < 0.08, name


def test_elastic_displacement_has_its_size_and_smoothness():
    ramp = np.tile(np.arange(56, dtype=np.uint8) * 4, (56, 1))
    generator = np.random.default_rng(2)
    fields = np.array(
        [(deform(ramp, 0.5, generator) / 4 - ramp / 4)[16:40, 16:40] for _ in range(150)]
    )
    assert abs(np.sqrt((fields**2).mean()) - 1.0) < 0.1  # twice 0.5, as the picture is twice 28
    sigma = 8
    # a Gaussian of sigma has the autocorrelation exp(-d^2 / (2 sigma)^2)
    for distance in (sigma // 2, sigma):
        correlation = (fields[:, :, :-distance] * fields[:, :, distance:]).mean() / (
            fields**2
        ).mean()
        assert abs(correlation - math.exp(-((distance / (2 * sigma)) ** 2))) < 0.08


@pytest.mark.parametrize("radius", [1, 2])
def test_thickness_is_grey_morphology_with_a_disc(radius):
    image = picture(12, 17)
    disc = ndimage.iterate_structure(CROSS, radius)  # of radius 1 and 2 the disc is the diamond
    options = {"footprint": disc, "mode": "constant", "cval": 0}
    np.testing.assert_array_equal(thicken(image, radius), ndimage.grey_dilation(image, **options))
    np.testing.assert_array_equal(thicken(image, -radius), ndimage.grey_erosion(image, **options))


def test_thickness_between_whole_radii_is_blended():
    image = picture(12, 17)
    assert (
        np.abs(thicken(image, 1.25) - (0.75 * thicken(image, 1) + 0.25 * thicken(image, 2.0))).max()
        <= 0.5
    )
    assert np.abs(thicken(image, -0.5) - (0.5 * image + 0.5 * thicken(image, -1))).max() <= 0.5


def test_thickness_draws_both_signs():
    line = np.zeros((9, 9), np.uint8)
    line[4] = 255
    generator = np.random.default_rng(3)
    ink = [
        apply_effects(line, "1", [("thickness", 1)], generator)[0].sum() > line.sum()
        for _ in range(60)
    ]
    assert 15 < sum(ink) < 45


def test_contrast_is_a_power_that_leaves_ink_and_paper():
    image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    squared = np.rint((image / 255.0) ** 2 * 255)
    np.testing.assert_array_equal(contrast(image, math.log(2)), squared)
    for logarithm in (-2, 0.4, 2):
        assert contrast(image, logarithm).ravel()[[0, -1]].tolist() == [0, 255]
    np.testing.assert_array_equal(contrast(image, 0), image)


def test_noise_has_the_moments_it_says():
    grey = np.full((200, 200), 128, np.uint8)

    def values(name, amount):
        return (
            apply_effects(grey, "5", [(name, amount)], np.random.default_rng(4))[0].astype(float)
            - 128
        )

    normal, uniform, impulse = (
        values("noise", 20),
        values("uniform-noise", 30),
        values("impulse-noise", 0.1),
    )
    assert abs(normal.mean()) < 0.5
    assert abs(normal.std() - 20) < 0.4
    assert abs((np.abs(normal) < 20).mean() - 0.683) < 0.02
    assert abs(uniform.mean()) < 0.5
    assert abs(uniform.std() - 30 / math.sqrt(3)) < 0.3
    assert (uniform.min(), uniform.max()) == (-30, 30)
    assert set(np.unique(impulse)) == {-128, 0, 127}
    assert abs((impulse == 127).mean() - 0.05) < 0.006
    assert abs((impulse == -128).mean() - 0.05) < 0.006


@pytest.mark.parametrize("sigma", [0.5, 1, 2.5])
def test_blur_is_a_gaussian_with_paper_round_it(sigma):
    image = picture(24, 31)
    assert (
        np.abs(
            blur(image, sigma)
            - ndimage.gaussian_filter(image.astype(float), sigma, mode="constant")
        ).max()
        < 1.5
    )


def test_quantisation_is_the_articles_rule_on_dark_ink():
    image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    expected = [255 - (255 if p // 43 * 43 > 43 else p // 43 * 43) for p in range(255, -1, -1)]
    assert quantise(image).ravel().tolist() == expected
    assert set(expected[:170]) == {0}
    assert set(expected[170:213]) == {212}
    assert set(expected[213:]) == {255}
    np.testing.assert_array_equal(
        apply_effects(image, "i", [("quantisation", 1)], np.random.default_rng(0))[0],
        quantise(image),
    )


@pytest.mark.parametrize(
    ("name", "label", "mirrored"),
    [
        *[
            ("flip-left-right", label, label)
            for label in ["0", "8", "A", "i", "ii", "iii", "x", "v", "I", "II", "III", "X", "V"]
        ],
        *[
            ("flip-left-right", *pair)
            for pair in (
                ("iv", "vi"),
                ("vi", "iv"),
                ("IV", "VI"),
                ("VI", "IV"),
                ("b", "d"),
                ("q", "p"),
            )
        ],
        *[
            ("flip-top-bottom", label, label)
            for label in ["0", "3", "8", "B", "E", "I", "II", "III", "X", "IX"]
        ],
        *[
            ("half-turn", *pair)
            for pair in (
                ("6", "9"),
                ("9", "6"),
                ("0", "0"),
                ("8", "8"),
                ("S", "S"),
                ("n", "u"),
                ("b", "q"),
            )
        ],
    ],
)
def test_a_flip_turns_the_picture_and_its_label(name, label, mirrored):
    image = picture(9, 12)
    pictures = {
        "flip-left-right": image[:, ::-1],
        "flip-top-bottom": image[::-1],
        "half-turn": image[::-1, ::-1],
    }
    flipped, now = apply_effects(image, label, [(name, 1)], np.random.default_rng(0))
    np.testing.assert_array_equal(flipped, pictures[name])
    assert now == mirrored


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        (
            "flip-left-right",
            "1 2 3 4 5 6 7 9 ix vii viii IX VII VIII B C E F G J K L M N P Q R S U Y Z a e g h n r "
            "t",
        ),
        (
            "flip-top-bottom",
            "1 2 4 5 6 7 9 i ii iii iv v vi vii viii ix IV V VI VII VIII A F G J K L M N P Q R S T "
            "U V W Y Z",
        ),
        ("half-turn", "1 2 3 4 5 7 iv v vi vii viii ix IX A B C E F G M Q T V Y 10 36"),
    ],
)
def test_what_is_no_character_in_the_mirror_is_never_flipped(name, labels):
    image = picture(9, 12)
    for label in labels.split():
        flipped, now = apply_effects(image, label, [(name, 1)], np.random.default_rng(0))
        np.testing.assert_array_equal(flipped, image)
        assert now == label


@pytest.mark.parametrize("table", FLIPS.values(), ids=FLIPS)
def test_flipping_twice_gives_the_label_back(table):
    assert all(table[mirrored] == label for label, mirrored in table.items())


def test_flips_happen_with_their_probability():
    generator = np.random.default_rng(5)
    labels = [
        apply_effects(picture(8, 8), "iv", [("flip-left-right", 0.25)], generator)[1]
        for _ in range(400)
    ]
    assert abs(labels.count("vi") / 400 - 0.25) < 0.07


@given(st.data())
@settings(max_examples=60)
def test_any_steps_keep_shape_and_type_and_are_decided_by_the_seed(data):
    image = picture(
        data.draw(st.integers(8, 40)), data.draw(st.integers(8, 40)), data.draw(st.integers(0, 99))
    )
    names = data.draw(st.lists(st.sampled_from(sorted(EFFECTS)), max_size=5))
    steps = [(name, data.draw(st.floats(0, EFFECTS[name].amount.high))) for name in names]
    label = data.draw(st.sampled_from(["0", "3", "6", "b", "iv", "IX", "§"]))
    image.flags.writeable = False
    changed, now = apply_effects(image, label, steps, np.random.default_rng(7))
    again, same = apply_effects(
        image.copy(), label, parse_effects(format_effects(steps)), np.random.default_rng(7)
    )
    assert changed.dtype == np.uint8
    assert changed.shape == image.shape
    assert changed.tobytes() == again.tobytes()
    assert now == same
    assert parse_effects(format_effects(steps)) == tuple(steps)


@pytest.mark.parametrize("name", EFFECTS)
def test_extremes_stand_and_nothing_is_nothing(name):
    effect = EFFECTS[name]
    assert effect.name == name
    assert 0 < effect.amount.step <= effect.amount.default <= effect.amount.high
    if effect.training:
        assert 0 < effect.training.step <= effect.training.high
        assert 0 <= effect.training.default <= effect.training.high
    for (height, width), level in product([(8, 8), (8, 61), (28, 28)], [0, 255]):
        image = np.full((height, width), level, np.uint8)
        changed, _ = apply_effects(
            image, "8", [(name, effect.amount.high)], np.random.default_rng(8)
        )
        assert (changed.shape, changed.dtype) == (image.shape, np.uint8)
        assert (image == level).all()
    image = picture(28, 20)
    same, label = apply_effects(image, "iv", [(name, 0)], np.random.default_rng(9))
    np.testing.assert_array_equal(same, image)
    assert label == "iv"
    changed, _ = apply_effects(image, "0", [(name, effect.amount.high)], np.random.default_rng(10))
    assert (changed != image).any()


def test_steps_are_taken_in_the_order_given():
    image = spot(28, 0, 0)
    noisy_last, _ = apply_effects(
        image, "0", parse_effects("quantisation=1,noise=20"), np.random.default_rng(11)
    )
    noisy_first, _ = apply_effects(
        image, "0", parse_effects("noise=20,quantisation=1"), np.random.default_rng(11)
    )
    assert len(np.unique(noisy_last)) > 3
    assert set(np.unique(noisy_first)) <= {0, 212, 255}
    assert (
        apply_effects(
            image, "6", [("half-turn", 1), ("flip-left-right", 1)], np.random.default_rng(0)
        )[1]
        == "9"
    )


def test_text_names_steps_in_order_and_repeats():
    steps = parse_effects(" rotation=10, noise = 2.5,rotation=1e1 ")
    assert steps == (("rotation", 10), ("noise", 2.5), ("rotation", 10))
    assert format_effects(steps) == "rotation=10,noise=2.5,rotation=10"
    assert parse_effects("") == ()
    assert format_effects([]) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rotaton=10", "rotation, shear, zoom"),
        ("=3", "rotation, shear, zoom"),
        ("noise=5,rotation", "rotation=10"),
        ("rotation=ten\n", "rotation=10"),
        ("zoom=nan", "0 to 0.5"),
        ("zoom=inf", "0 to 0.5"),
        ("zoom=0.6", "0 to 0.5"),
        ("blur=-1", "0 to 4"),
    ],
)
def test_text_that_makes_no_sense_is_refused_in_a_sentence(text, said):
    with pytest.raises(InklingError, match=said) as refusal:
        parse_effects(text)
    assert is_sentence(str(refusal.value))
