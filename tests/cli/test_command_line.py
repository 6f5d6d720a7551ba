import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.cli.main import main
from core.datasets.catalogue import open_dataset
from core.models.cards import Card
from core.models.recognizer import load_recognizer
from core.settings import Settings
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.glyphs import Hand, with_probabilities
from core.synthesis.handwriting import Handwriting
from tests.conftest import DIGITS
from tests.datasets.test_published import CLASSES, write_split
from tests.handwriting import FIVE, SEVEN, canvas
from tests.idx_files import write_pair
from tests.sentences import is_sentence

ROOT = Path(__file__).resolve().parents[2]
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(
    settings: Settings, make_model: Callable[..., Card], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment of these tests' own folders, with one model."""
    for name in ("data", "runs", "models", "database"):
        monkeypatch.setenv(f"INKLING_{name.upper()}", str(getattr(settings, name)))
    make_model("tiny")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two pictures, a blank and a broken one."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), canvas(SEVEN))
    (folder / "b.png").write_bytes(b"broken")
    cv2.imwrite(str(folder / "c.png"), np.full((80, 80), 255, np.uint8))
    cv2.imwrite(str(folder / "d.png"), canvas(FIVE))
    return folder


def failed(capsys: Capture, *arguments: str) -> str:
    """Exit code 1, no traceback, one sentence to stderr."""
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert is_sentence(error.strip().removeprefix("python -m core: ")), error
    return error


def test_predict_prints_a_json_line_for_each_picture(
    pictures: Path, settings: Settings, capsys: Capture
) -> None:
    # b.png could not be read
    assert main(["predict", str(pictures), "--model", "tiny", "--json"]) == 1
    out, err = capsys.readouterr()
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["path"] for row in rows] == [
        str(pictures / name) for name in ("a.png", "b.png", "c.png", "d.png")
    ]
    expected = load_recognizer("tiny", settings).predict(np.stack([canvas(SEVEN), canvas(FIVE)]))
    for row, label, probabilities in zip(
        (rows[0], rows[3]), expected.labels(), expected.probabilities, strict=True
    ):
        assert set(row) == {"path", "label", "confidence", "top"}
        assert row["label"] == label == row["top"][0][0]
        assert row["confidence"] == row["top"][0][1] == pytest.approx(probabilities.max(), abs=1e-5)
        assert len(row["top"]) == 5
        assert all(name in DIGITS and 0 <= share <= 1 for name, share in row["top"])
    assert rows[1]["label"] is None
    assert is_sentence(rows[1]["error"])
    assert rows[2] == {"path": str(pictures / "c.png"), "label": None, "confidence": 0.0, "top": []}
    assert "1 of the files" in err


def test_predict_succeeds_where_every_file_can_be_read(pictures: Path, capsys: Capture) -> None:
    (pictures / "b.png").unlink()
    assert (
        main(["predict", str(pictures / "a.png"), str(pictures), "--model", "tiny", "--json"]) == 0
    )
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 4
    assert err == ""
    assert main(["predict", str(pictures), "--model", "tiny"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [len(line) for line in lines] == [3, 3, 3]
    assert lines[1][1] == "blank"


def test_file_names_that_are_no_text(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "odd\udcff\n7.png"
    picture = tmp_path / "7.png"
    cv2.imwrite(str(picture), canvas(SEVEN))
    picture.rename(path)
    assert main(["predict", str(path), "--model", "tiny", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["path"] == str(path)
    assert main(["predict", str(path), "--model", "tiny"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.split("\t")[0].endswith("7.png")


def test_predict_says_what_it_could_not_do(pictures: Path, tmp_path: Path, capsys: Capture) -> None:
    assert "choose one of: tiny" in failed(capsys, "predict", str(pictures), "--model", "absent")
    assert "does not exist" in failed(
        capsys, "predict", str(tmp_path / "absent"), "--model", "tiny"
    )
    (tmp_path / "empty").mkdir()
    assert "no pictures" in failed(capsys, "predict", str(tmp_path / "empty"), "--model", "tiny")
    failed(capsys, "predict", "x" * 5000, "--model", "tiny")


def test_evaluate_prints_one_json_object(
    tmp_path: Path, settings: Settings, capsys: Capture, random: np.random.Generator
) -> None:
    images = random.integers(0, 256, (50, 28, 28)).astype(np.uint8)
    labels = random.integers(0, 10, 50)
    np.savez(tmp_path / "set.npz", images=images, labels=[DIGITS[label] for label in labels])
    assert main(["evaluate", "--model", "tiny", "--data", str(tmp_path / "set.npz"), "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    result = json.loads(line)
    answers = load_recognizer("tiny", settings).predict(images).probabilities.argmax(1)
    confusion = np.zeros((10, 10), int)
    for truth, answer in zip(labels, answers, strict=True):
        confusion[truth, answer] += 1
    assert result["confusion"] == confusion.tolist()
    assert (result["n"], result["classes"]) == (50, list(DIGITS))
    assert result["accuracy"] == (labels == answers).mean()
    assert main(["evaluate", "--model", "tiny", "--data", str(tmp_path / "set.npz")]) == 0
    assert f"accuracy {result['accuracy']:.2%}" in capsys.readouterr().out


def test_evaluate_by_name_and_folder(
    pictures: Path, tmp_path: Path, settings: Settings, capsys: Capture
) -> None:
    write_split(settings.data, "digits")
    assert main(["evaluate", "--model", "tiny", "--data", "emnist-digits:test", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 10
    (tmp_path / "set").mkdir()
    pictures.rename(tmp_path / "set" / "7")
    assert main(["evaluate", "--model", "tiny", "--data", str(tmp_path / "set"), "--json"]) == 0
    # the blank and the broken one are left out
    assert json.loads(capsys.readouterr().out)["n"] == 2


def test_evaluate_says_what_it_could_not_do(
    settings: Settings, tmp_path: Path, capsys: Capture
) -> None:
    assert "download" in failed(capsys, "evaluate", "--model", "tiny", "--data", "mnist:test")
    failed(capsys, "evaluate", "--model", "tiny", "--data", "nothing")
    write_split(settings.data, "letters")
    assert "'A'" in failed(capsys, "evaluate", "--model", "tiny", "--data", "emnist-letters:test")


def test_models(settings: Settings, make_model: Callable[..., Card], capsys: Capture) -> None:
    make_model("unmeasured", validation=None)
    (settings.models / "bad.json").write_text("{")
    (settings.models / "bad.safetensors").write_bytes(b"")
    assert main(["models", "--json"]) == 0
    out, err = capsys.readouterr()
    tiny, unmeasured = json.loads(out)
    assert (tiny["name"], tiny["classes"], tiny["parameters"], tiny["accuracy"]) == (
        "tiny",
        list(DIGITS),
        1000,
        0.5,
    )
    assert tiny["MB"] == pytest.approx(
        (settings.models / "tiny.safetensors").stat().st_size / 1e6, abs=0.01
    )
    assert unmeasured["accuracy"] is None
    assert "bad.json is damaged" in err
    assert main(["models"]) == 0
    assert "not measured" in capsys.readouterr().out


def test_models_all_counts_parameters(capsys: Capture) -> None:
    """By hand: seven 3x3 convolutions without bias, each with a scale and a shift per channel, and
    a classifier with bias.
    """
    assert main(["models", "--all", "--json"]) == 0
    rows = {row["name"]: row["parameters"] for row in json.loads(capsys.readouterr().out)}

    def by_hand(first: int, second: int, third: int) -> int:
        convolutions = [
            (1, first),
            (first, second),
            (second, second),
            (second, second),
            (second, third),
            (third, third),
            (third, third),
        ]
        return sum(9 * a * b + 2 * b for a, b in convolutions) + 10 * third + 10

    assert rows["resnet8"] == by_hand(32, 64, 192)
    assert rows["resnet8-narrow"] == by_hand(32, 64, 128)


def test_data_list_names_every_set(settings: Settings, capsys: Capture) -> None:
    write_split(settings.data, "digits")
    assert main(["data", "list"]) == 0
    lines = {line.split("\t")[0]: line for line in capsys.readouterr().out.splitlines()}
    assert {f"emnist-{kind}:{split}" for kind in CLASSES for split in ("train", "test")} < set(
        lines
    )
    assert "10 images" in lines["emnist-digits:test"]
    assert "data download mnist" in lines["mnist:train"]


def test_data_download_names_what_can_be_downloaded(capsys: Capture) -> None:
    for name in ("nothing", "uci-digits", "my-drawings"):
        assert "mnist" in failed(capsys, "data", "download", name)


def test_data_download_shows_progress_on_stderr(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, capsys: Capture
) -> None:
    def fetch(root: Path, report: Callable[[int, int], None]) -> None:
        assert root == settings.data
        for done in (100, 250, 1000):
            time.sleep(0.3)  # a bar that would vanish at once is not shown
            report(done, 1000)

    from dataclasses import replace

    from core.datasets.catalogue import CATALOGUE

    monkeypatch.setitem(CATALOGUE, "mnist", replace(CATALOGUE["mnist"], download=fetch))
    assert main(["data", "download", "mnist"]) == 0
    out, err = capsys.readouterr()
    assert str(settings.data) in out
    assert "100%" in err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["predict"],
        ["predict", "a.png"],
        ["evaluate", "--model", "tiny"],
        ["data"],
        ["models", "--nonsense"],
        ["sweep"],
        ["sweep", "--model", "tiny", "--count", "many"],
        ["mine", "--model", "tiny"],
        ["harden", "--save-as", "new"],
        ["harden", "--model", "tiny", "--data", "mnist"],
        ["harden", "--model", "tiny", "--save-as", "new", "--resume", "run"],
        ["report", "--model", "tiny"],
        ["errors", "--data", "mnist"],
        ["predict-table", "--model", "tiny"],
        ["label-issues"],
    ],
    ids=str,
)
def test_wrong_usage_is_2(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    assert leaving.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "usage:" in err


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["predict"],
        ["evaluate"],
        ["models"],
        ["data"],
        ["data", "list"],
        ["data", "download"],
        ["train"],
        ["sweep"],
        ["mine"],
        ["harden"],
        ["report"],
        ["errors"],
        ["predict-table"],
        ["label-issues"],
    ],
    ids=str,
)
def test_help_is_0(command: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as leaving:
        main([*command, "--help"])
    assert leaving.value.code == 0
    assert "usage:" in capsys.readouterr().out


def test_help_and_lists_do_not_wait_for_torch() -> None:
    program = (
        "import sys; from core.__main__ import main; main(['data', 'list']); assert 'torch' not "
        "in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True)


def test_a_pipe_that_closes_early_is_no_traceback(pictures: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "core", "data", "list"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    error = process.stderr.read()
    process.wait(60)
    assert "Traceback" not in error
    assert "BrokenPipe" not in error


def synth(folder: Path, *others: str) -> list[str]:
    return ["synth", "--count", "3000", "--seed", "4", "--out", str(folder / "set"), *others]


def test_synth_writes_what_the_settings_say(tmp_path: Path, capsys: Capture) -> None:
    options = [
        "--glyphs",
        "classic",
        "--digits",
        "1,4",
        "--jitter",
        "2",
        "--hand",
        "thickest=4",
        "--odds",
        "4/open=0",
    ]
    assert main(synth(tmp_path, *options, "--effects", "rotation=5")) == 0
    path = Path(capsys.readouterr().out.strip())
    writing = Handwriting(
        with_probabilities(load_glyphs("classic"), {"4/open": 0}),
        Hand(jitter=2, thickest=4),
        ("1", "4"),
        4,
        effects=(("rotation", 5.0),),
    )
    images, labels = writing.draw(0, 3000)
    data = open_dataset(str(path), Settings.from_environment())
    np.testing.assert_array_equal(data.images, images)
    assert [data.classes[number] for number in data.labels] == labels
    facts = json.loads((tmp_path / "set.json").read_text())
    assert facts["hand"]["jitter"] == 2
    assert facts["seed"] == 4


def test_a_killed_synth_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "core",
        "synth",
        "--count",
        "60000",
        "--seed",
        "9",
        "--workers",
        "1",
        "--out",
    ]
    assert (
        subprocess.run(
            [*command, str(tmp_path / "whole")], cwd=ROOT, capture_output=True
        ).returncode
        == 0
    )
    part = tmp_path / "killed-images-idx3-ubyte.part"
    for _ in range(5):  # a process that is late sees it done
        process = subprocess.Popen(
            [*command, str(tmp_path / "killed")], cwd=ROOT, stderr=subprocess.DEVNULL
        )
        while process.poll() is None and not (part.exists() and part.stat().st_size > 10_000 * 784):
            time.sleep(0.002)
        process.kill()
        process.wait()
        if part.exists():
            break
    assert part.exists()
    command[command.index("--workers") + 1] = "2"
    assert (
        subprocess.run(
            [*command, str(tmp_path / "killed")], cwd=ROOT, capture_output=True
        ).returncode
        == 0
    )
    for name in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        assert (tmp_path / f"killed-{name}").read_bytes() == (
            tmp_path / f"whole-{name}"
        ).read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        ["--count", "0"],
        ["--count", "1000000000", "--size", "512"],
        ["--glyphs", "curly"],
        ["--digits", "9-0"],
        ["--jitter", "-1"],
        ["--jitter", "nan"],
        ["--hand", "wobble=1"],
        ["--odds", "4/ajar=1"],
        ["--effects", "glitter=1"],
        ["--seed", "-1"],
        ["--size", "4"],
        ["--workers", "-2"],
    ],
)
def test_synth_refuses_with_a_sentence(tmp_path: Path, capsys: Capture, options: list[str]) -> None:
    assert main(synth(tmp_path, *options)) == 1
    shown = capsys.readouterr()
    assert is_sentence(shown.err.strip().splitlines()[-1])
    assert not list(tmp_path.glob("set*"))


def test_sweep_prints_one_json_object(settings: Settings, capsys: Capture) -> None:
    """A plain loop over what `synth` draws with the reported seed."""
    assert (
        main(
            [
                "sweep",
                "--model",
                "tiny",
                "--jitter",
                "0.5,3",
                "--count",
                "4",
                "--seed",
                "6",
                "--json",
            ]
        )
        == 0
    )
    (line,) = capsys.readouterr().out.splitlines()
    result = json.loads(line)
    assert [(row["jitter"], row["digit"], row["n"]) for row in result["rows"]] == [
        (r, d, 4) for r in (0.5, 3) for d in DIGITS
    ]
    recognizer = load_recognizer("tiny", settings)
    for index, jitter in enumerate((0.5, 3)):
        images, labels = Handwriting(
            load_glyphs("classic"), Hand(jitter=jitter), seed=result["handwriting_seed"]
        ).draw(0, 40)
        confusion = np.zeros((10, 10), int)
        for truth, answer in zip(labels, recognizer.predict(images).labels(), strict=True):
            confusion[int(truth), int(answer)] += 1
        assert result["confusion"][index] == confusion.tolist()
        assert [
            row["correct"] for row in result["rows"] if row["jitter"] == jitter
        ] == confusion.diagonal().tolist()
        assert result["totals"][index]["accuracy"] == confusion.trace() / 40
    assert (
        main(["sweep", "--model", "tiny", "--jitter", "0.5,3", "--count", "4", "--seed", "6"]) == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    for line, total in zip(lines[1:], result["totals"], strict=True):
        assert line.split()[:2] == [f"{total['jitter']:g}", f"{100 * total['accuracy']:.2f}"]


def test_sweep_of_other_glyphs_and_through_the_form(capsys: Capture) -> None:
    natural = str(ROOT / "assets" / "glyphs" / "natural.json")
    assert (
        main(
            [
                "sweep",
                "--model",
                "tiny",
                "--jitter",
                "1",
                "--count",
                "1",
                "--glyphs",
                natural,
                "--canonical",
                "--json",
            ]
        )
        == 0
    )
    result = json.loads(capsys.readouterr().out)
    assert (result["glyphs"], result["canonical"], result["count"]) == ("natural", True, 1)


def test_what_a_recognizer_did_as_files(
    tmp_path: Path, settings: Settings, capsys: Capture
) -> None:
    reading = ["--model", "tiny", "--data", "uci-digits:test"]
    for command, name in (("report", "r.html"), ("errors", "e.zip")):
        assert main([command, *reading, "--out", str(tmp_path / name)]) == 0
        assert capsys.readouterr().out == f"{tmp_path / name}\n"
    model = load_recognizer("tiny", settings)
    data = open_dataset("uci-digits:test", settings, classes=DIGITS, form=model.form)
    answers = model.predict(data.images).probabilities.argmax(1)
    assert f"{(answers == data.labels).mean():.1%}"[:-1] in (tmp_path / "r.html").read_text()
    with zipfile.ZipFile(tmp_path / "e.zip") as archive:
        assert len(archive.namelist()) == (answers != data.labels).sum() + 1
    np.savetxt(tmp_path / "t.csv", data.images.reshape(len(data), -1), "%d", ",")
    assert (
        main(
            [
                "predict-table",
                str(tmp_path / "t.csv"),
                "--model",
                "tiny",
                "--out",
                str(tmp_path / "s.csv"),
            ]
        )
        == 0
    )
    lines = (tmp_path / "s.csv").read_text().split()
    assert lines == [
        "ImageId,Label",
        *(f"{index},{answer}" for index, answer in enumerate(answers, 1)),
    ]
    capsys.readouterr()
    assert main(["label-issues", *reading, "--limit", "7", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n"], len(result["rows"])) == (360, 7)
    assert all(str(data.labels[row["number"]]) == row["label"] for row in result["rows"])


def test_mine_writes_what_is_misread(tmp_path: Path, settings: Settings, capsys: Capture) -> None:
    options = [
        "--model",
        "tiny",
        "--count",
        "150",
        "--jitter",
        "2",
        "--seed",
        "3",
        "--glyphs",
        "classic",
    ]
    assert main(["mine", *options, "--out", str(tmp_path / "hard.npz")]) == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'hard.npz'}\n"
    data = open_dataset(out.strip(), settings, classes=DIGITS)
    assert 0 < len(data) < 150
    assert f"{len(data)} of 150" in err
    answers = load_recognizer("tiny", settings).predict(data.images).probabilities.argmax(1)
    assert (answers != data.labels).all()
    first = (tmp_path / "hard.npz").read_bytes()
    assert main(["mine", *options, "--out", str(tmp_path / "hard.npz")]) == 0
    assert (tmp_path / "hard.npz").read_bytes() == first


@pytest.mark.parametrize(
    "arguments",
    [
        ["sweep", "--count", "0"],
        ["sweep", "--count", "100001"],
        ["sweep", "--jitter", "1;2"],
        ["sweep", "--jitter", "1,99"],
        ["sweep", "--jitter", ",".join(["1"] * 51)],
        ["sweep", "--glyphs", "curly"],
        ["sweep", "--seed", "-1"],
        ["sweep", "--model", "letters"],
        ["sweep", "--model", "absent"],
        ["mine", "--count", "0"],
        ["mine", "--jitter", "6"],
        ["mine", "--seed", "4294967296"],
        ["mine", "--model", "letters"],
        ["mine", "--out", "/proc/no/hard.npz"],
        ["harden", "--model", "absent"],
        ["harden", "--data", "nothing"],
        ["harden", "--data", "uci-digits"],
        ["harden", "--save-as", "tiny"],
        ["harden", "--save-as", "../tiny"],
        ["harden", "--set", "epoch=1"],
        ["harden", "--model", "letters"],
        ["harden", "--glyphs", "curly"],
        ["harden", "--per-digit", "0"],
        ["harden", "--count", "0"],
    ],
)
def test_robustness_refuses_with_a_sentence(
    arguments: list[str],
    tmp_path: Path,
    settings: Settings,
    make_model: Callable[..., Card],
    capsys: Capture,
) -> None:
    make_model("letters", tuple("ABCDEFGHIJ"))
    pixels = np.ones((10, 28, 28), np.uint8)
    for part in ("train", "t10k"):
        write_pair(settings.data / "MNIST" / "raw", part, pixels, np.arange(10))
    usual = {
        "sweep": [],
        "mine": ["--out", str(tmp_path / "hard.npz")],
        "harden": ["--data", "mnist", "--save-as", "new"],
    }
    command, *options = arguments
    error = failed(capsys, command, "--model", "tiny", *usual[command], *options)
    assert len(error.splitlines()) == 1
    assert not list(settings.models.glob("new*"))
    assert not settings.runs.exists()
