"""Search without a browser: nothing yet, a new one while it is edited, results, and invalid
addresses.
"""

import json

import pytest
from optuna.pruners import NopPruner
from optuna.trial import TrialState

from core.jobs.job import Job
from core.settings import Settings
from core.training.search.grids import GRIDS
from core.training.search.search import Search, study_of
from tests.pages.conftest import screen, words
from tests.sentences import is_sentence


@pytest.fixture(autouse=True)
def _home(home, monkeypatch):
    # nothing may train here
    monkeypatch.setattr("core.training.queue.keep_going", lambda _: None)


@pytest.fixture
def started(monkeypatch):
    """Arguments of the started jobs; none of them runs."""
    arguments = []
    monkeypatch.setattr(Job, "start", lambda _, given: arguments.append(list(given)))
    return arguments


def make_search(
    space=("learning_rate=1e-3..1e-1:log", "optimizer=sgd,adam"),
    results=(0.7, 0.9, 0.8),
    trials=4,
    model="lenet5",
    data="mnist",
):
    """A search with some trials: each has an accuracy, or a state that it ended in without one."""
    search = Search.create(
        Settings.from_environment().runs, model=model, data=data, space=space, trials=trials
    )
    study = study_of(search, pruner=NopPruner())
    for number, result in enumerate(results):
        trial = study.ask()
        for dimension in search.plan.dimensions:
            if dimension.choices:
                trial.suggest_categorical(dimension.key, dimension.choices)
            else:
                trial.suggest_float(dimension.key, dimension.low, dimension.high, log=dimension.log)
        trial.set_user_attr("run", f"20260101-00000{number}-lenet5-aaaa")
        trial.set_user_attr("seconds", 5.0)
        trial.set_user_attr("trained", 10)
        if isinstance(result, float):
            study.tell(trial, result)
        elif result == "pruned":
            trial.report(0.3, 2)
            study.tell(trial, state=TrialState.PRUNED)
        elif result == "failed":
            trial.set_user_attr(
                "detail", "The weights grew beyond all bounds in epoch 1; lower the learning rate."
            )
            study.tell(trial, state=TrialState.FAIL)
    return search


def opened(**query):
    app = screen("train/page.py", show="Search", **query)
    assert not app.exception
    return app


def buttons(app):
    return [button.label for button in app.button]


def test_with_nothing_yet_it_says_what_to_do():
    app = opened()
    assert not app.error
    assert "Nothing has been searched yet" in words(app)
    assert "20 trials of 5 epochs" in words(app)
    assert app.code[0].value.startswith(
        "python -m core search lenet5 --data uci-digits --space optimizer=adam,sgd "
    )


def test_a_grid_of_the_sources_is_one_click_and_says_what_they_got():
    app = opened()
    next(
        button for button in app.button if button.label == GRIDS["vanilla-cnn"].title
    ).click().run()
    assert not app.exception
    assert "24 trials: 12 of 10 epochs, 12 of 20 epochs" in words(app)
    assert app.dataframe[0].value["source"].tolist()[:2] == [0.8825, 0.8801]
    start = next(button for button in app.button if button.label == "Start the search")
    assert start.disabled  # EMNIST is not on this machine
    assert app.info[-1].value.endswith("download it.")
    assert any(button.label == "Download (562 MB)" for button in app.button)
    next(
        button for button in app.button if button.label == GRIDS["random-forest"].title
    ).click().run()
    assert "3 trials, each fitted 3 times" in words(app)


@pytest.mark.parametrize(
    "query",
    [
        {"space": "no_such=1,2"},
        {"space": ""},
        {"space": "dropout=0.1..2", "search-model": "lenet5-v2"},
        {"space": "learning_rate=0.1..1", "trials": "0"},
        {"fixed": "epochs=none"},
        {"search-model": "knn"},
    ],
)
def test_what_cannot_be_searched_is_a_sentence_and_cannot_be_started(query):
    app = opened(**query)
    assert is_sentence(app.error[0].value)
    assert "Start the search" not in buttons(app)


def test_starting_makes_the_search_and_its_job(started):
    app = opened(space="optimizer = adam, sgd".replace(" = ", "="), trials="0")
    next(button for button in app.button if button.label == "Start the search").click().run()
    assert not app.exception
    (folder,) = (Settings.from_environment().runs / "searches").iterdir()
    assert started == [["search", "--resume", folder.name]]
    assert app.query_params["search"] in (folder.name, [folder.name])
    assert Search(folder).plan.total == 2


def test_results_are_shown_best_first_and_lead_to_the_runs():
    search = make_search(results=(0.7, 0.9, "pruned", "failed"))
    app = opened(search=search.name, trial="2")
    table = app.dataframe[0].value
    assert table["trial"].tolist() == [2, 1, 3, 4]
    assert table["state"].tolist() == ["done", "done", "pruned", "failed"]
    assert "Best: **90.0 %**" in words(app)
    assert len(app.get("plotly_chart")) == 2
    assert "Resume" not in buttons(app)
    next(button for button in app.button if button.label == "Curves of trial 2").click().run()
    assert not app.exception
    assert app.query_params["run"] in (
        "20260101-000001-lenet5-aaaa",
        ["20260101-000001-lenet5-aaaa"],
    )
    assert app.session_state["show"] == "Runs"


def test_a_failed_trial_says_why():
    app = opened(search=make_search(results=(0.7, "failed"), trials=2).name, trial="2")
    assert "Trial 2 failed: The weights grew beyond all bounds" in words(app)


def test_a_stopped_search_can_go_on(started):
    search = make_search(results=(0.7, 0.8, "running"))
    app = opened(search=search.name)
    assert "2 done of 4 trials" in words(app)
    assert app.dataframe[0].value["state"].tolist() == ["done", "done", "waiting"]
    next(button for button in app.button if button.label == "Resume").click().run()
    assert started == [["search", "--resume", search.name]]


def test_the_sources_accuracy_stands_beside_ours():
    grid = GRIDS["vanilla-cnn"]
    search = Search.create(
        Settings.from_environment().runs,
        model=grid.model,
        data=grid.data,
        space=grid.space,
        assignments=grid.assignments,
    )
    study = study_of(search, pruner=NopPruner())
    study.enqueue_trial(search.plan.cells()[0])
    app = opened(search=search.name)
    assert app.dataframe[0].value["source"].tolist() == [0.8770]


def test_cross_validation_is_shown_with_its_spread():
    search = Search.create(
        Settings.from_environment().runs, model="knn", data="mnist", space=["k=1,3"]
    )
    rows = [
        {
            "number": number,
            "state": "done",
            "value": value,
            "spread": 0.01,
            "run": "",
            "trained": 0,
            "seconds": 3.0,
            "detail": "",
            "k": k,
        }
        for number, (k, value) in enumerate([(1, 0.91), (3, 0.93)])
    ]
    search.cells.write_text("".join(json.dumps(row) + "\n" for row in rows))
    app = opened(search=search.name)
    assert app.dataframe[0].value["spread"].tolist() == [0.01, 0.01]
    assert app.dataframe[0].value["k"].tolist() == [3, 1]
    assert "3 folds" in words(app)


def test_it_can_be_deleted():
    search = make_search()
    app = opened(search=search.name)
    next(button for button in app.button if button.label == "Delete for good").click().run()
    assert not app.exception
    assert not search.folder.exists()
    assert "Nothing has been searched yet" in words(app)


@pytest.mark.parametrize(
    "query",
    [
        {"search": "no-such"},
        {"search": "../.."},
        {"search-model": "no-such"},
        {"search-data": "no-such"},
        {"trials": "many"},
        {"trials": "-3"},
        {"search-seed": "1e99"},
        {"space": "=" * 500},
    ],
)
def test_a_spoilt_address_breaks_nothing(query):
    app = opened(**query)
    if "search" in query:
        assert "There is no search" in app.warning[0].value


@pytest.mark.parametrize("trial", ["0", "99", "x", "-1"])
def test_a_trial_that_is_not_there_is_none(trial):
    app = opened(search=make_search().name, trial=trial)
    assert not any(label.startswith("Curves of trial") for label in buttons(app))


@pytest.mark.parametrize("damage", ["settings.json", "journal.jsonl"])
def test_a_damaged_search_is_a_sentence(damage):
    search = make_search()
    (search.folder / damage).write_text("{\n" * 3)
    app = opened(search=search.name)
    assert is_sentence(app.error[0].value)
