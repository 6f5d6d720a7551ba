"""A few of the malformed pictures of tests/benchmarks/malformed.py through the entries that take
one; all of them, and how long each takes, stand in assets/results/malformed.csv.
"""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from fastapi.testclient import TestClient

from core.api.app import build_api
from core.datasets.uploads import keep_upload
from core.models.cards import Card
from core.models.recognizer import load_recognizer
from core.reading.pictures import predict_pictures
from core.settings import Settings
from tests.malformed import pictures
from tests.sentences import is_sentence

SOME = list(pictures(range(24), seed=1, bombs=0))


def test_the_same_seed_makes_the_same_ones() -> None:
    assert list(pictures(range(5), seed=1, bombs=0)) == SOME[:5]


def test_each_is_read_or_refused_in_a_sentence(
    settings: Settings, make_model: Callable[..., Card], tmp_path: Path
) -> None:
    make_model()
    client = TestClient(build_api(settings))
    for number, (name, data) in enumerate(SOME):
        route = ("predict", "read-line", "sheet")[number % 3]
        answer = client.post(f"/{route}", files={"file": ("a", data)}, data={"model": "tiny"})
        assert answer.status_code in (200, 400), name
        assert answer.status_code == 200 or is_sentence(answer.json()["detail"]), name
        (tmp_path / f"{number}.png").write_bytes(data)
    read = list(predict_pictures([tmp_path], load_recognizer("tiny", settings)))
    assert len(read) == len(SOME)
    assert all(not one.problem or is_sentence(one.problem) for one in read)


def test_a_zip_of_them_is_a_data_set_of_those_that_can_be_read(settings: Settings) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, (_, data) in enumerate(SOME):
            archive.writestr(f"{number % 2}/{number}.png", data)
    packed.seek(0)
    assert 0 < len(keep_upload([("set.zip", packed)], "set", settings)) < len(SOME)
