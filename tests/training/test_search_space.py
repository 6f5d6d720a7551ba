"""Search spaces: settings, amount of work, and the grids of the sources."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InklingError
from core.training.recipe import PLAIN, Recipe
from core.training.search.grids import GRIDS, grid_of
from core.training.search.search import Search
from core.training.search.space import Plan
from core.training.search.trials import Trial, best_of, seconds_left
from tests.sentences import is_sentence


@pytest.mark.parametrize(
    ("model", "space", "more"),
    [
        ("lenet5", [], {}),
        ("lenet5", ["epochs"], {}),
        ("lenet5", ["=3"], {}),
        ("lenet5", ["no_such=1,2"], {}),
        ("no-such", ["epochs=1,2"], {}),
        ("lenet5", ["dropout=0.1,0.2"], {}),  # LeNet-5 has none
        ("lenet5-v2", ["dropout=0.2..1.5"], {"trials": 3}),
        ("lenet5", ["optimizer=adam,nonsense"], {}),
        ("lenet5", ["optimizer=adam..sgd"], {"trials": 3}),
        ("lenet5", ["epochs=1,,2"], {}),
        ("lenet5", ["epochs=2,2"], {}),
        ("lenet5", ["epochs=5..1"], {"trials": 3}),
        ("lenet5", ["epochs=0..3"], {"trials": 3}),
        ("lenet5", ["epochs=1.5..3"], {"trials": 3}),
        ("lenet5", ["learning_rate=0..1:log"], {"trials": 3}),
        ("lenet5", ["learning_rate=0.1..1:linear"], {"trials": 3}),
        ("lenet5", ["learning_rate=0.1..inf"], {"trials": 3}),
        ("lenet5", ["rotation=1,nan"], {}),
        ("lenet5", ["learning_rate=0.1..1"], {}),
        ("lenet5", ["epochs=1,2"], {"trials": 0}),
        ("lenet5", ["epochs=1,2"], {"seed": -1}),
        ("lenet5", ["epochs=1,2", "epochs=3"], {}),
        ("lenet5", ["epochs=1,2"], {"assignments": ["epochs=3"]}),
        ("lenet5", ["augmentation=0"], {}),
        ("lenet5", ["zoom=0.1,0.2"], {"assignments": ["scale=0.3"]}),  # the same by its old name
        ("lenet5", [f"{key}={','.join(map(str, range(200)))}" for key in ("seed", "at_most")], {}),
        ("random-forest", ["learning_rate=0.1,0.2"], {}),
        ("random-forest", ["max_depth=2..9"], {"trials": 3}),
        ("random-forest", ["max_depth=2,9"], {"folds": 1}),
        ("random-forest", ["max_depth=2,9"], {"assignments": ["optimizer=adam"]}),
    ],
)
def test_a_bad_space_is_a_sentence_before_anything_starts(tmp_path, model, space, more):
    with pytest.raises(InklingError) as problem:
        Search.create(tmp_path, model=model, data="mnist", space=space, **more)
    assert is_sentence(str(problem.value))
    assert not list(tmp_path.iterdir())


@given(
    st.one_of(
        st.text(max_size=30),
        st.from_regex(r"(epochs|rotation|optimizer)=[-.,:0-9elog]{0,12}", fullmatch=True),
    )
)
def test_any_text_is_a_space_or_a_sentence(text):
    try:
        Plan.of("lenet5", "mnist", [text], trials=2)
    except InklingError as problem:
        sentence = str(problem)
    else:
        return
    assert sentence.endswith(".")


def test_names_of_earlier_versions_are_searched_as_those_of_today():
    (cell,) = Plan.of("lenet5", "mnist", ["scale=0.2"]).cells()
    plan = Plan.of("lenet5", "mnist", ["scale=0.2", "gamma=0..1"], trials=2)
    assert plan.recipe_of(cell) == plan.recipe.override(["zoom=0.2"]) != plan.recipe
    svm = Plan.of("svm", "mnist", ["gamma=0.1,0.2"])
    assert svm.recipe_of({"gamma": 0.2}).hyperparameters == {"gamma": 0.2}


def test_the_work_is_counted():
    def report(space, **more):
        return Plan.of(more.pop("model", "lenet5"), "mnist", space, **more).describe()

    assert (
        report(["optimizer=adam,sgd", "epochs=10,20"]) == "4 trials: 2 of 10 epochs, 2 of 20 epochs"
    )
    assert report(["optimizer=adam,sgd"], assignments=["epochs=1"]) == "2 trials of 1 epoch"
    assert report(["epochs=2..9"], trials=5) == "5 trials of 2 to 9 epochs"
    assert report(["trees=5,6"], model="random-forest", folds=4) == "2 trials, each fitted 4 times"


def test_time_left_counts_epochs():
    plan = Plan.of("lenet5", "mnist", ["epochs=10,20"])
    done = Trial(0, "done", trained=10, seconds=50.0, parameters={"epochs": 10})
    running = Trial(1, "running", trained=4, seconds=20.0, parameters={"epochs": 20})
    assert seconds_left(plan, [done, running]) == pytest.approx(80)
    assert seconds_left(plan, [Trial(0, "running", parameters={"epochs": 10})]) is None


def test_the_best_is_done_and_the_first_of_equals():
    trials = [Trial(0, "done", 0.5), Trial(1, "pruned", 0.9), Trial(2, "done", 0.5)]
    assert best_of(trials) == trials[0]
    assert best_of(trials[1:2]) is None


def test_the_sources_grids_are_what_they_say():
    vanilla = GRIDS["vanilla-cnn"]
    plan = Plan.of(vanilla.model, vanilla.data, vanilla.space, assignments=vanilla.assignments)
    assert plan.total == 24
    assert plan.recipe_of({"optimizer": "adam"}) == PLAIN != Recipe()
    claims = [vanilla.claim(cell) for cell in plan.cells()]
    assert len([claim for claim in claims if claim]) == 13
    assert (
        vanilla.claim({"optimizer": "adam", "batch_size": 512, "epochs": 20, "dropout": 0.5})
        == max(claim or 0 for claim in claims)
        == 0.8825
    )
    forest = GRIDS["random-forest"]
    cells = Plan.of(forest.model, forest.data, forest.space, assignments=forest.assignments).cells()
    assert [forest.claim(cell) for cell in cells] == [0.7751, 0.8032, 0.8090]
    assert grid_of(plan) is vanilla
    assert grid_of(replace(plan, data="emnist-balanced:train")) is vanilla
    assert grid_of(replace(plan, data="mnist")) is None
    assert grid_of(replace(plan, space=("dropout=0.2,0.5",))) is None
