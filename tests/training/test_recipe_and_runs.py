"""Settings from the command line, and runs on disk."""

import json

import pytest

from core.errors import InklingError
from core.models.cards import find_cards
from core.models.registry import architecture
from core.synthesis.effects.table import EFFECTS
from core.training.recipe import PLAIN, Recipe
from core.training.runs import Run


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
    ["epoch=3", "epochs", "epochs=many", "augmentation=1", "precision=half", "epochs=0", "=1"],
)
def test_a_wrong_setting_is_one_sentence(assignment):
    with pytest.raises(InklingError) as caught:
        Recipe().override([assignment])
    assert "\n" not in str(caught.value)


def test_a_recipe_survives_json():
    recipe = Recipe().override(["seed=7", "shear=3.5"])
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_a_recipe_varies_what_the_table_says_and_nothing_else():
    usual = {name: effect.training.default for name, effect in EFFECTS.items() if effect.training}
    assert Recipe().augmentation == usual
    assert Recipe(augmentation={}) == Recipe().override(["augmentation=0"])
    assert not any(PLAIN.augmentation.values())
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
    for name, rotation, scale, gamma in (("digits", 8, 0.09, 0.3), ("characters", 6, 0.07, 0.25)):
        given = find_cards(settings)[name][0].recipe
        augmentation = Recipe.from_json({**Recipe().to_json(), **given}).augmentation
        varied = [augmentation[key] for key in ("rotation", "zoom", "contrast")]
        assert varied == [rotation, scale, gamma]


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
