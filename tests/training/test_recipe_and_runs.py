"""Settings from the command line, and runs on disk."""

import json
import zlib
from dataclasses import replace

import numpy as np
import pytest

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.files import HeldError
from core.models.cards import find_cards
from core.models.registry import architecture
from core.synthesis.effects.table import EFFECTS
from core.training.metrics import EpochMetrics, best_epoch, doubt
from core.training.recipe import AUGMENTATION, PLAIN, Recipe
from core.training.runs import DataFacts, Notes, Run, RunSettings, find_runs
from tests.sentences import is_sentence


def test_overrides_reach_recipe_and_augmentation():
    recipe = Recipe().override(
        ["epochs=3", "learning_rate=0.2", "rotation=0", "precision=bfloat16"]
    )
    assert (
        recipe.epochs,
        recipe.learning_rate,
        recipe.augmentation["rotation"],
        recipe.precision,
    ) == (3, 0.2, 0.0, "bfloat16")
    assert Recipe().augmentation["rotation"] != 0  # the defaults are not touched


@pytest.mark.parametrize(
    "assignment",
    [
        "epoch=3",
        "epochs",
        "epochs=many",
        "augmentation=1",
        "precision=half",
        "epochs=0",
        "=1",
        "learning_rate=nan",
        "redrawn=nan",
        "redrawn=1.1",
        "gain=nan",
        *(f"{name}={value}" for name in AUGMENTATION for value in ("nan", "inf", "-0.1", "200")),
    ],
)
def test_a_wrong_setting_is_one_sentence(assignment):
    with pytest.raises(InklingError) as caught:
        Recipe().override([assignment], {"gain": 1.0})
    assert is_sentence(str(caught.value))


def test_augmentation_reaches_the_ends_of_its_range():
    for end in (0, 10):
        assert Recipe().override([f"shift={end}"]).augmentation["shift"] == end


def test_a_recipe_survives_json():
    recipe = Recipe().override(["seed=7", "shear=3.5"])
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_a_recipe_varies_what_the_table_says_and_nothing_else():
    usual = {name: effect.training.default for name, effect in EFFECTS.items() if effect.training}
    assert Recipe().augmentation == usual
    assert Recipe(augmentation={}) == Recipe().override(["augmentation=0"])
    assert not any(PLAIN.augmentation.values())
    only = Recipe().override(["augmentation=0", "shift=1", "scale=0.1"])
    assert only == Recipe(augmentation={"shift": 1, "zoom": 0.1})
    with pytest.raises(TypeError, match="blur"):
        Recipe(augmentation={"blur": 1.0})


def test_names_of_earlier_versions_lead_to_the_same():
    today = Recipe().override(["zoom=0.1", "contrast=0.3"])
    assert Recipe().override(["scale=0.1", "gamma=0.3"]) == today
    assert (today.augmentation["zoom"], today.augmentation["contrast"]) == (0.1, 0.3)
    written = today.to_json()
    old = {**written["augmentation"]}
    old |= {"scale": old.pop("zoom"), "gamma": old.pop("contrast")}
    assert Recipe.from_json({**written, "augmentation": old}) == today
    assert Recipe.from_json({**written, "augmentation": {}}).augmentation == Recipe().augmentation
    svm = Recipe().override(["gamma=0.3"], architecture("svm").hyperparameters)
    assert (svm.hyperparameters, svm.augmentation) == ({"gamma": 0.3}, Recipe().augmentation)


def test_the_recipes_of_the_shipped_recognizers_are_read(settings):
    for name, rotation, scale, gamma in (("digits", 7, 0.08, 0.28), ("characters", 6, 0.065, 0.22)):
        given = find_cards(settings)[name][0].recipe
        augmentation = Recipe.from_json({**Recipe().to_json(), **given}).augmentation
        varied = [augmentation[key] for key in ("rotation", "zoom", "contrast")]
        assert varied == [rotation, scale, gamma]


@pytest.fixture
def run(tmp_path):
    return Run.create(tmp_path / "runs", model="resnet8", data="mnist", recipe=Recipe())


def epoch(number, **changes):
    return EpochMetrics(
        **{"epoch": number, "validation_loss": 1.0, "validation_accuracy": 0.5, **changes}
    )


def test_a_half_written_line_of_metrics_is_left_out(run):
    rows = [epoch(1), epoch(2)]
    for half in ('{"epoch": 3, "tra', "3", '{"epoch": 3}', '["epoch"]'):
        run.keep_metrics(rows)
        with open(run.folder / "metrics.jsonl", "a") as file:
            file.write(half)
        assert run.metrics() == rows


def test_metrics_are_a_json_line_each_of_what_there_is():
    keys = "epoch train_loss train_accuracy train_accuracy_as_is validation_loss "
    keys += (
        "validation_accuracy validation_n chance learning_rate images images_per_second seconds "
    )
    keys += "processor_seconds seconds_left"
    line = json.dumps({key: number for number, key in enumerate(keys.split(), 1)})
    assert EpochMetrics.from_line(line).to_line() == line
    fitted = json.dumps({key: 1 for key in keys.split() if "train" not in key and key[:2] != "le"})
    assert EpochMetrics.from_line(fitted).to_line() == fitted


def test_metrics_of_other_versions_are_read():
    old = EpochMetrics.from_line(
        '{"epoch": 1, "validation_loss": 2.0, "validation_accuracy": 0.25, "from_the_future": [1]}'
    )
    assert (old.validation_accuracy, old.train_loss, old.validation_n, old.seconds) == (
        0.25,
        None,
        None,
        0.0,
    )


def test_the_best_epoch_is_the_most_accurate_or_of_equals_the_surest():
    rows = [
        epoch(1, validation_accuracy=0.9, validation_loss=0.4),
        epoch(2, validation_accuracy=0.9, validation_loss=0.3),
        epoch(3, validation_accuracy=0.8, validation_loss=0.1),
    ]
    assert best_epoch(rows).epoch == 2


def test_a_result_near_guessing_or_of_a_loss_that_grew_is_doubtful():
    good = [epoch(n, train_loss=2 / n, validation_accuracy=0.9, chance=0.1) for n in (1, 2, 3)]
    assert doubt([]) == doubt(good) == ""
    # halfway between guessing and everything, of ten classes and of two
    for chance, accuracy in ((0.1, 0.54), (0.5, 0.74)):
        poor = epoch(1, train_loss=2.3, validation_accuracy=accuracy, chance=chance)
        assert is_sentence(doubt([poor]))
        assert "learning rate" in doubt([poor])
        assert "another model" in doubt([replace(poor, train_loss=None)])
        assert doubt([replace(poor, validation_accuracy=accuracy + 0.02)]) == ""
    diverged = [*good, epoch(4, train_loss=50.0, validation_accuracy=0.1, chance=0.1)]
    assert is_sentence(doubt(diverged))
    assert "from 2 in the first epoch to 50 in the last" in doubt(diverged)
    assert doubt([epoch(1, validation_accuracy=0.01)]) == ""  # of an older version


def test_what_a_person_writes_is_kept_and_what_is_damaged_is_empty(run):
    assert run.notes() == Notes()
    run.annotate(tags=[" b", "a", "a ", ""])
    run.annotate(note="smudged")
    assert run.notes() == Notes(("a", "b"), "smudged")
    for damage in ("[1", "[1]", '{"tags": 3, "note": null}'):
        (run.folder / "notes.json").write_text(damage)
        assert run.notes().tags == ()


def test_what_it_trains_on_is_known_once_the_data_are_gone(run):
    assert run.data() is None
    labels = np.array([0, 1, 1])
    images = np.zeros((3, 28, 28), np.uint8)
    run.keep_data(Dataset("two", "Two", images, labels, ("a", "b"), "mnist", "made here"))
    checksum = zlib.crc32(labels.tobytes())
    assert run.data() == DataFacts("Two", "made here", "mnist", ("a", "b"), 3, checksum)
    (run.folder / "data.json").write_text('{"title": "Two"}')
    assert run.data() is None


def test_one_at_a_time_holds_a_run_and_none_deletes_it_meanwhile(run):
    with run.held():
        for act in (run.held().__enter__, run.delete):
            with pytest.raises(HeldError) as problem:
                act()
            assert is_sentence(str(problem.value))
            assert run.name in str(problem.value)
    assert find_runs(run.folder.parent) == [run]
    run.delete()
    assert not list(run.folder.parent.iterdir())


def test_a_run_is_opened_by_name_and_never_by_path(tmp_path, run):
    settings = Run.open(tmp_path / "runs", run.name).settings()
    assert settings == RunSettings("resnet8", "mnist", Recipe())
    with pytest.raises(InklingError):
        Run.open(tmp_path / "runs", "../runs")
    with pytest.raises(InklingError):
        Run.open(tmp_path / "runs", "no-such-run")


@pytest.mark.parametrize(("images", "batch"), [(60_000, 256), (25_600, 256), (5_000, 50), (40, 16)])
def test_few_images_are_taken_in_smaller_batches_at_a_lower_rate(images, batch):
    recipe = Recipe().for_images(images)
    assert recipe.batch_size == batch
    assert recipe.learning_rate == pytest.approx(0.1 * (batch / 256) ** 0.5)
    assert replace(recipe, batch_size=256, learning_rate=0.1) == Recipe()
    assert replace(Recipe(), batch_size=8).for_images(images).batch_size == 8
