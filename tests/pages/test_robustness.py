"""The Robustness screen without a browser: empty, with a finished sweep, before and after
hardening.
"""

import json

import numpy as np
import pytest

from core.datasets.idx import write_idx
from core.jobs.job import Job
from core.models.cards import find_cards
from core.settings import Settings
from core.synthesis.glyph_file import glyph_path
from tests.pages.conftest import screen, words

JITTERS = (0.0, 3.0)


@pytest.fixture(autouse=True)
def _home(home):
    pass


def finished(arguments, output):
    """A successfully finished job of these arguments, as on disk."""
    settings = Settings.from_environment()
    job = Job.of(
        arguments,
        settings,
        inputs=[
            find_cards(settings)[arguments[2]][1],
            glyph_path(arguments[arguments.index("--glyphs") + 1]),
        ],
    )
    job.folder.mkdir(parents=True)
    (job.folder / "state.json").write_text(json.dumps({"state": "running", "pid": 0, "born": 0}))
    (job.folder / "stdout").write_text(output)
    (job.folder / "stderr").write_text("")
    (job.folder / "exit").write_text("0")


def swept(count=10, wrong=3):
    """A sweep as the command prints it: at R 3, `wrong` of the fours are read as nines."""
    confusion = [(np.eye(10, dtype=int) * count).tolist() for _ in JITTERS]
    confusion[1][4][4], confusion[1][4][9] = count - wrong, wrong
    rows = [
        {
            "jitter": jitter,
            "digit": str(digit),
            "n": count,
            "correct": confusion[level][digit][digit],
            "accuracy": confusion[level][digit][digit] / count,
            "interval": [0.5, 1.0],
        }
        for level, jitter in enumerate(JITTERS)
        for digit in range(10)
    ]
    totals = [
        {
            "jitter": jitter,
            "n": 10 * count,
            "correct": 10 * count - level * wrong,
            "accuracy": 1 - level * wrong / count / 10,
            "interval": [0.5, 1],
        }
        for level, jitter in enumerate(JITTERS)
    ]
    failure = {
        "jitter": 3.0,
        "number": 14,
        "truth": "4",
        "answer": "9",
        "confidence": 0.8,
        "truth_probability": 0.15,
    }
    return {
        "model": "digits",
        "glyphs": "classic",
        "seed": 0,
        "handwriting_seed": 5,
        "count": count,
        "canonical": False,
        "rows": rows,
        "totals": totals,
        "classes": list("0123456789"),
        "confusion": confusion,
        "failures": [failure],
    }


def sweep_arguments(model="digits", jitters="0,0.5,1,2,3,4,5"):
    return [
        "sweep",
        "--model",
        model,
        "--glyphs",
        "classic",
        "--jitter",
        jitters,
        "--count",
        "100",
        "--seed",
        "0",
        "--json",
    ]


def test_it_opens_with_the_sweep_that_ships():
    app = screen("robustness/page.py")
    assert not app.exception
    assert len(app.get("plotly_chart")) == 2
    assert not app.main.button


def test_another_sweep_is_offered_and_nonsense_refused():
    assert [button.label for button in screen("robustness/page.py", seed="1").main.button] == [
        "Sweep digits"
    ]
    app = screen("robustness/page.py", jitters="1,much")
    assert not app.exception
    assert "is no list of values" in app.error[0].value


def test_hard_examples_offer_the_training_data_that_they_need():
    app = screen("robustness/page.py", show="Hard examples")
    assert not app.exception
    assert [button.label for button in app.main.button] == ["Download (12 MB)", "Take these"]


def test_with_its_data_it_offers_to_mine(home):
    raw = home / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for split in ("train", "t10k"):
        write_idx(raw / f"{split}-images-idx3-ubyte", np.zeros((10, 28, 28), np.uint8))
        write_idx(raw / f"{split}-labels-idx1-ubyte", np.arange(10, dtype=np.uint8))
    app = screen("robustness/page.py", show="Hard examples")
    assert [button.label for button in app.main.button] == ["Mine and train"]


def test_a_finished_sweep_is_shown():
    finished(sweep_arguments(), json.dumps(swept()))
    app = screen("robustness/page.py")
    assert not app.exception
    assert len(app.get("plotly_chart")) == 2
    assert r"9, 80 %\n4, 15 %" in words(app)
    at_none = screen("robustness/page.py", at="0")
    assert "Nothing was misread at this value" in words(at_none)
    assert at_none.query_params["at"] == "0"


def test_any_setting_is_offered_with_what_its_values_look_like():
    app = screen("robustness/page.py", along="blur", values="0,2.5")
    assert not app.exception
    assert app.query_params["along"] == "blur"
    assert screen("robustness/page.py", along="effect-blur").query_params["along"] == "blur"
    assert [button.label for button in app.main.button] == ["Sweep digits"]
    assert "Effect: Blur, pixels, sigma 2.5" in words(app)
    app.selectbox(key="along").set_value("turn").run()
    assert not app.exception
    assert app.query_params["along"] == "turn"
    assert app.text_input(key="values").value == "0,5,10,15,20,25,30,35,40,45"
    app.selectbox(key="along").set_value("jitter").run()
    assert len(app.get("plotly_chart")) == 2  # what ships
    assert not app.query_params.get("along")


def test_a_finished_sweep_along_an_effect_is_shown():
    axis = ["--along", "blur", "--values", "0,3"]
    arguments = sweep_arguments()
    at = arguments.index("--jitter")
    arguments[at : at + 2] = axis
    output = swept() | {"along": "blur", "arguments": ["--glyphs", "classic"]}
    for name in ("rows", "totals", "failures"):
        output[name] = [
            {"along": "blur"}
            | {"value" if key == "jitter" else key: value for key, value in row.items()}
            for row in output[name]
        ]
    finished(arguments, json.dumps(output))
    app = screen("robustness/page.py", along="blur", values="0,3")
    assert not app.exception
    assert len(app.get("plotly_chart")) == 2
    assert "Effect: Blur, pixels, sigma" in app.get("plotly_chart")[0].proto.spec
    assert r"9, 80 %\n4, 15 %" in words(app)


def test_characters_that_are_no_digits_are_read_by_the_models_that_can():
    app = screen("robustness/page.py", digits="A,B", glyphs="natural")
    assert app.multiselect(key="models").options == ["characters"]
    app = screen("robustness/page.py", digits="A,B")
    assert "A" in app.error[0].value
    assert not screen("robustness/page.py", digits="9-0").exception
    app = screen("robustness/page.py", digits="ß", glyphs="natural")
    assert app.warning[0].value.startswith("No model that reads all of ß")


def test_two_models_are_compared():
    for model in ("digits", "characters"):
        finished(sweep_arguments(model), json.dumps(swept()))
    app = screen("robustness/page.py", models="digits")
    app.multiselect(key="models").set_value(["digits", "characters"]).run()
    assert not app.exception
    assert app.selectbox(key="of").options == ["digits", "characters"]


def test_no_model_is_a_sentence(no_shipped_models):
    app = screen("robustness/page.py")
    assert not app.exception
    assert app.warning[0].value == "No model that reads digits is installed; train one."
    assert app.get("page_link")


def test_a_model_goes_on_learning_from_data_of_its_kind():
    app = screen("robustness/page.py", show="Hard examples", model="characters")
    assert not app.exception
    assert app.selectbox(key="model").value == "characters"
    assert app.selectbox(key="data").options == [
        "EMNIST balanced (not here)",
        "EMNIST bymerge (not here)",
    ]


def test_before_and_after_are_shown_with_real_data():
    arguments = [
        "harden",
        "--model",
        "digits",
        "--data",
        "mnist",
        "--save-as",
        "digits-hard",
        "--glyphs",
        "natural",
    ]
    measured = {
        "accuracy": 0.99,
        "interval": [0.98, 0.995],
        "n": 10_000,
        "data": "MNIST test set",
        "loss": 0.1,
    }
    part = {"model": "digits", "test": measured, "sweep": swept()}
    output = {
        "model": "digits",
        "data": "mnist",
        "save_as": "digits-hard",
        "run": "a-run",
        "mined": {"path": "/nowhere.npz"},
        "before": part,
        "after": part,
    }
    finished(
        [*arguments, "--jitter", "3", "--count", "200000", "--seed", "0", "--json"],
        json.dumps(output),
    )
    app = screen("robustness/page.py", show="Hard examples")
    assert not app.exception
    assert app.dataframe[0].value["n"].tolist() == [10_000, 10_000]
