"""The Train screen without a browser: each view with no data, runs in every state, invalid
addresses, items deleted in another tab.
"""

import json
import shutil
from dataclasses import replace

import pytest
import torch

from core.models.cards import find_cards
from core.models.tensors import save_tensors
from core.settings import Settings
from core.training.metrics import EpochMetrics, doubt
from core.training.recipe import PLAIN
from core.training.runs import Run
from pages.train.overfitting import explain_gap
from tests.conftest import DIGITS
from tests.pages.conftest import screen, words

STATES = ["done", "failed", "cancelled", "stopped", "new"]


@pytest.fixture(autouse=True)
def _home(home, monkeypatch):
    # nothing may train here
    monkeypatch.setattr("core.training.queue.keep_going", lambda _: None)
    monkeypatch.setattr("pages.train.progress.keep_going", lambda _: None)
    monkeypatch.setattr("core.training.estimate.measure", _no_time)


def _no_time(*_args, **_kwargs):
    from core.training.estimate import Pace

    return Pace(
        steps=9,
        measured_batch=256,
        step=0.1,
        answer=1e-3,
        prepare=0,
        synthetic=0,
        saved_bytes=1000,
        weights_bytes=4000,
        parameters=61_706,
    )


def row(epoch, **changes):
    """Metrics of one epoch as the loop writes them."""
    values = {
        "train_loss": 2.0 / epoch,
        "train_accuracy": 0.8,
        "train_accuracy_as_is": 0.97,
        "validation_loss": 1.8 / epoch,
        "validation_accuracy": 0.9 + epoch / 100,
        "validation_n": 283,
        "learning_rate": 0.01,
        "images": 1154,
        "images_per_second": 900.0,
        "seconds": 30.0,
        "seconds_left": 10.0,
    }
    return EpochMetrics(epoch=epoch, **{**values, **changes})


def make_run(state="done", epochs=3, model="lenet5", **changes):
    """A run as on disk, with untrained weights."""
    run = Run.create(
        Settings.from_environment().runs,
        model=model,
        data="uci-digits",
        recipe=replace(PLAIN, epochs=epochs, **changes),
    )
    if state != "new":
        run.keep_metrics([row(epoch) for epoch in range(1, epochs + 1)])
        from core.models.registry import architecture

        save_tensors(
            run.best,
            architecture(model).build(10).state_dict(),
            {"epoch": epochs, "parameters": 61_706},
        )
        save_tensors(
            run.answers,
            {"logits": torch.eye(10)[torch.arange(283) % 10] * 5, "labels": torch.arange(283) % 10},
            {"epoch": epochs},
        )
        (run.folder / "data.json").write_text(
            json.dumps(
                {
                    "title": "UCI digits train",
                    "source": "UCI",
                    "form": "mnist",
                    "classes": list(DIGITS),
                    "n": 1437,
                    "labels": 0,
                }
            )
        )
    run.set_state(
        "running" if state == "stopped" else state,
        "It ran out of ink." if state == "failed" else "",
    )
    if state == "stopped":
        (run.folder / "state.json").write_text(
            json.dumps({"state": "running", "pid": 0, "born": 0})
        )
    return run


def button(app, label):
    return next(item for item in app.button if item.label == label)


@pytest.mark.parametrize("view", ["New run", "Runs", "Search", "Originals"])
def test_every_view_opens_with_no_data_and_no_run(view):
    app = screen("train/page.py", show=view)
    assert not app.exception
    assert not app.error


def test_without_runs_it_says_what_to_do():
    app = screen("train/page.py", show="Runs")
    assert "Nothing has been trained yet" in app.info[0].value
    button(app, "New run").click().run()
    assert button(app, "Train")


def test_a_new_run_says_what_it_costs_and_how_to_start_it_from_the_command_line():
    app = screen("train/page.py", model="lenet5", epochs="4", batch_size="256")
    assert not app.exception
    assert "61,706" in words(app)
    assert "measured just now on 9 steps" in words(app)
    assert app.code[0].value == "python -m core train lenet5 --data uci-digits --set epochs=4"


def test_train_makes_a_run_of_what_is_set_and_shows_it(monkeypatch):
    submitted = []
    monkeypatch.setattr("core.training.queue.submit", lambda run, _: submitted.append(run))
    app = screen("train/page.py", model="lenet5", epochs="4", rotation="3")
    button(app, "Train").click().run()
    assert not app.exception
    (run,) = submitted
    own = run.settings()
    assert (own.model, own.data) == ("lenet5", "uci-digits")
    assert (own.recipe.epochs, own.recipe.augmentation["rotation"]) == (4, 3.0)
    assert run.name in app.query_params["run"]
    assert "lenet5 on uci-digits" in app.subheader[0].value


def test_names_of_earlier_versions_in_the_address_are_those_of_today():
    app = screen("train/page.py", model="lenet5", scale="0.3", gamma="0.2", shear="5")
    assert not app.exception
    values = {key: app.number_input(key=key).value for key in ("zoom", "contrast", "shear")}
    assert values == {"zoom": 0.3, "contrast": 0.2, "shear": 5}
    assert app.query_params["zoom"] == "0.3"
    assert not {"scale", "gamma"} & set(app.query_params)
    assert app.code[0].value.endswith("--set shear=5 zoom=0.3 contrast=0.2")


def test_choosing_an_originals_recipe_sets_its_settings():
    app = screen("train/page.py", model="notebook-cnn")
    app.selectbox(key="recipe").set_value("The original's: Notebook CNN").run()
    assert not app.exception
    assert (app.number_input(key="epochs").value, app.number_input(key="batch_size").value) == (
        10,
        128,
    )
    assert app.selectbox(key="optimizer").value == "adam"
    app.selectbox(key="model").set_value("lenet5").run()
    assert not app.exception
    assert app.selectbox(key="recipe").value == "Inkling's own"
    assert app.selectbox(key="optimizer").value == "sgd"


def test_an_original_is_set_up_from_its_table():
    app = screen("train/page.py", show="Originals", original="Vanilla CNN")
    button(app, "Set it up").click().run()
    assert not app.exception
    assert (app.selectbox(key="model").value, app.selectbox(key="data").value) == (
        "vanilla-cnn",
        "emnist-balanced",
    )
    assert app.number_input(key="batch_size").value == 512
    assert app.info  # how to get EMNIST, which is not here


def test_settings_outlive_a_look_at_the_runs():
    app = screen("train/page.py", model="lenet5")
    app.number_input(key="epochs").set_value(7).run()
    app.button_group(key="show").set_value("Runs").run()
    app.button_group(key="show").set_value("New run").run()
    assert (app.selectbox(key="model").value, app.number_input(key="epochs").value) == ("lenet5", 7)


def test_what_is_mixed_in_goes_into_the_recipe_or_a_sentence_says_why_not():
    app = screen("train/page.py", model="lenet5", mix="my-drawings")
    assert not app.exception
    assert "empty" in app.info[0].value
    assert "rotation goes from" in screen("train/page.py", effects="rotation=9999").error[0].value


@pytest.mark.parametrize("model", ["knn", "random-forest", "logistic", "svm"])
def test_a_model_fitted_in_one_go_has_its_own_settings_only(model):
    app = screen("train/page.py", model=model)
    assert not app.exception
    assert "fitted in one go" in words(app)
    assert not [item for item in app.number_input if item.key == "epochs"]
    assert button(app, "Train")


@pytest.mark.parametrize(
    "query",
    [
        {"show": "x"},
        {"data": "nothing"},
        {"model": "gpt"},
        {"recipe": "best"},
        {"epochs": "-3"},
        {"epochs": "ten"},
        {"seed": "1e99"},
        {"mix": "nothing"},
        {"learning_rate": "nan"},
        {"show": "Runs", "run": "../.."},
        {"show": "Runs", "sort": "x", "states": "y"},
        {"show": "Originals", "original": "x"},
    ],
    ids=str,
)
def test_a_spoilt_address_is_no_obstacle(query):
    make_run()
    app = screen("train/page.py", **query)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("state", STATES)
def test_a_run_in_each_state_is_shown_and_can_be_acted_on(state):
    make_run(state)
    app = screen("train/page.py", show="Runs")
    assert not app.exception
    assert app.dataframe[0].value["state"].tolist() == [state]
    labels = [item.label for item in app.button]
    assert ("Resume" in labels) == (state in ("failed", "cancelled", "stopped"))
    assert ("Start" in labels) == (state == "new")
    assert bool(app.error) == (state == "failed")
    assert bool(app.get("plotly_chart")) == (state != "new")


@pytest.mark.parametrize("state", ["failed", "cancelled", "stopped"])
def test_a_run_that_ended_before_its_first_epoch_keeps_nothing_and_says_so(state):
    run = make_run(state)
    run.keep_metrics([])
    app = screen("train/page.py", show="Runs")
    assert "before there was a result" in words(app)
    assert "is kept" not in words(app)
    assert button(app, "Start")


def test_a_fitted_model_has_an_accuracy_and_no_curves():
    run = make_run(model="knn")
    fitted = EpochMetrics(
        epoch=1, validation_loss=0.2, validation_accuracy=0.954, validation_n=283, images=1154
    )
    run.keep_metrics([fitted])
    app = screen("train/page.py", show="Runs")
    assert not app.exception
    assert not app.get("plotly_chart")
    text = words(app).replace("\N{NO-BREAK SPACE}", " ")
    assert "It is done. 95.4 % of 283 images held out" in text
    assert "fitted in one go has no curve" in text
    # beside a network, which has some
    other = make_run()
    app = screen("train/page.py", show="Runs", run=[run.name, other.name])
    spec = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert all(len(trace["y"]) == 3 for trace in spec["data"])
    assert spec["layout"]["yaxis"]["maxallowed"] == 1


def test_runs_are_filtered_sorted_and_laid_over_each_other():
    first, second = make_run(epochs=2), make_run(epochs=3, model="lenet5-v2")
    first.annotate(tags=["early"], note="with ink")
    app = screen("train/page.py", show="Runs", find="EARLY ink")
    assert app.dataframe[0].value["run"].tolist() == [first.name]
    assert app.dataframe[0].value["note"].tolist() == ["with ink"]
    app = screen("train/page.py", show="Runs", sort="Best accuracy", run=[first.name, second.name])
    # 93 % after three epochs, 92 % after two
    assert app.dataframe[0].value["run"].tolist()[0] == second.name
    names = {trace["name"] for trace in json.loads(app.get("plotly_chart")[0].proto.spec)["data"]}
    assert len(names) == 2


def test_the_runs_of_an_older_inkling_are_shown():
    run = make_run()
    selected = (
        "epoch",
        "train_loss",
        "train_accuracy",
        "validation_loss",
        "validation_accuracy",
        "images_per_second",
        "seconds",
    )
    values = json.loads(row(1).to_line())
    (run.folder / "metrics.jsonl").write_text(json.dumps({key: values[key] for key in selected}))
    (run.folder / "settings.json").write_text(
        '{"model": "lenet5", "data": "mnist", "recipe": {"epochs": 2, "old": 1}}'
    )
    app = screen("train/page.py", show="Runs")
    assert not app.exception
    assert "cannot be read" in words(app)


def test_a_note_and_tags_are_kept():
    run = make_run()
    app = screen("train/page.py", show="Runs")
    app.text_input(key=f"note-{run.name}").set_value("smudged").run()
    app.multiselect(key=f"tags-{run.name}").set_value([]).run()
    assert run.notes().note == "smudged"


def test_deleting_in_one_tab_is_a_sentence_in_the_other():
    run = make_run()
    app = screen("train/page.py", show="Runs")
    shutil.rmtree(run.folder)
    app.text_input(key=f"note-{run.name}").set_value("too late").run()
    assert not app.exception
    assert "Nothing has been trained yet" in app.info[0].value
    run = make_run()
    app = screen("train/page.py", show="Runs", run=run.name)
    button(app, "Delete for good").click().run()
    assert not app.exception
    assert not run.folder.exists()


def test_a_run_becomes_a_recognizer_with_its_card_but_never_one_of_inklings_own():
    run = make_run()
    app = screen("train/page.py", show="Runs", run=run.name)
    name = app.text_input(key=f"recognizer-{run.name}")
    name.set_value("digits").run()
    assert button(app, "Make it").disabled
    assert "is one of Inkling" in words(app)
    name.set_value("../up").run()
    assert button(app, "Make it").disabled
    name.set_value("mine").run()
    button(app, "Make it").click().run()
    assert not app.exception
    card, _ = find_cards(Settings.from_environment())["mine"]
    assert (card.parameters, card.epoch, card.validation.n) == (61_706, 3, 283)
    assert "61,706 parameters" in words(app)
    assert "Take it away" in [button.label for button in app.download_button]
    app.run()
    assert button(app, "Make it").disabled  # now there is one: replacing it must be confirmed
    app.checkbox(key=f"replace-{run.name}").check().run()
    assert not button(app, "Make it").disabled


def test_a_run_that_learnt_nothing_says_so_and_is_no_recognizer_unless_that_is_confirmed():
    run = make_run()
    rows = [replace(item, validation_accuracy=0.177, chance=0.1) for item in run.metrics()]
    run.keep_metrics(rows)
    app = screen("train/page.py", show="Runs", run=run.name)
    assert app.warning[0].value == doubt(rows)
    assert "overfit" not in words(app)
    assert button(app, "Make it").disabled
    app.checkbox(key=f"badly-{run.name}").check().run()
    assert not button(app, "Make it").disabled


def test_the_gap_between_training_and_validation_is_explained():
    assert explain_gap([]) == ""
    usual = explain_gap([row(1)]).replace("\N{NO-BREAK SPACE}", " ")
    assert "Validation (91.0 %) is the higher" in usual
    assert "1,154 training images give 97.0 %" in usual
    assert "does not overfit" in explain_gap([row(1, train_accuracy_as_is=0.92)])
    assert "it overfits. More" in explain_gap(
        [row(1, train_accuracy=0.99, train_accuracy_as_is=0.99, validation_n=10_000)]
    )
    assert "Validation" not in explain_gap([row(1, train_accuracy=0.99)])
    assert "harder to read" in explain_gap([row(1, train_accuracy_as_is=0.5)])
