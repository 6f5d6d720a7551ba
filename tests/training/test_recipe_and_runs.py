"""Settings from the command line, and runs on disk."""

import json

import pytest

from core.errors import InklingError
from core.training.recipe import Recipe
from core.training.runs import Run


def test_overrides_reach_recipe_and_augmentation():
    recipe = Recipe().override(
        ["epochs=3", "learning_rate=0.2", "rotation=0", "precision=bfloat16"]
    )
    assert (
        recipe.epochs,
        recipe.learning_rate,
        recipe.augmentation.rotation,
        recipe.precision,
    ) == (3, 0.2, 0.0, "bfloat16")
    assert Recipe().augmentation.rotation != 0  # the defaults are not touched


@pytest.mark.parametrize(
    "assignment",
    ["epoch=3", "epochs", "epochs=many", "augmentation=1", "precision=half", "epochs=0", "=1"],
)
def test_a_wrong_setting_is_one_sentence(assignment):
    with pytest.raises(InklingError) as caught:
        Recipe().override([assignment])
    assert "\n" not in str(caught.value)


def test_a_recipe_survives_json():
    recipe = Recipe().override(["seed=7", "shear=3.5"])
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_a_half_written_line_of_metrics_is_left_out(tmp_path):
    run = Run.create(tmp_path, model="resnet8", data="mnist", recipe=Recipe())
    run.keep_metrics([{"epoch": 1}, {"epoch": 2}])
    with open(run.folder / "metrics.jsonl", "a") as file:
        file.write('{"epoch": 3, "tra')
    assert run.metrics() == [{"epoch": 1}, {"epoch": 2}]


def test_a_run_is_opened_by_name_and_never_by_path(tmp_path):
    run = Run.create(tmp_path / "runs", model="resnet8", data="mnist", recipe=Recipe())
    assert Run.open(tmp_path / "runs", run.name).settings() == ("resnet8", "mnist", Recipe())
    with pytest.raises(InklingError):
        Run.open(tmp_path / "runs", "../runs")
    with pytest.raises(InklingError):
        Run.open(tmp_path / "runs", "no-such-run")
