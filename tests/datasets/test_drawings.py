import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import sqlalchemy as sql

from core import store
from core.datasets.catalogue import open_dataset
from core.datasets.drawings import (
    Drawing,
    count,
    delete,
    load,
    open_drawings,
    save,
    with_strokes,
)
from core.datasets.drawings_zip import export_png
from core.datasets.idx import read_idx
from core.datasets.labels import label_of_folder
from core.datasets.packing import pack_idx
from core.errors import InklingError
from core.ink.forms import FORMS, canonical
from core.settings import Settings
from tests.sentences import is_sentence


def drawing(label: str = "7", *, bar: int = 60) -> Drawing:
    picture = np.full((120, 100), 255, np.uint8)
    picture[20 : 20 + bar, 40:50] = 0
    return Drawing(
        picture,
        [[[45.0, 20.5], [45.0, 80.25]]],
        label,
        predicted="1",
        confidence=0.75,
        model="tiny",
    )


def test_strokes_are_listed_without_pictures(settings: Settings) -> None:
    first = save(settings, drawing("7"))
    save(settings, replace(drawing("A"), strokes=[]))
    ((number, (label, strokes)),) = with_strokes(settings).items()
    assert (number, label, [s.tolist() for s in strokes]) == (first, "7", drawing().strokes)
    written = open_drawings(settings).written
    assert written is not None
    assert dict(zip(written.labels, written.drawn, strict=True)) == {"7": True, "A": False}


def test_what_is_kept_comes_back(settings: Settings) -> None:
    first, second = save(settings, drawing("7")), save(settings, replace(drawing("A"), strokes=[]))
    newest, oldest = load(settings)
    assert (oldest.id, newest.id, count(settings)) == (first, second, 2)
    np.testing.assert_array_equal(oldest.picture, drawing().picture)
    assert oldest.strokes == drawing().strokes
    assert (newest.label, newest.predicted, newest.confidence, newest.model, newest.strokes) == (
        "A",
        "1",
        0.75,
        "tiny",
        [],
    )
    assert oldest.created is not None
    assert [one.id for one in load(settings, newest=1)] == [second]


def test_an_accent_in_two_unicode_forms_is_one_label(settings: Settings) -> None:
    for label in ("\u00e9", "e\u0301"):
        save(settings, drawing(label))
    assert {kept.label for kept in load(settings)} == {"\u00e9"}


def test_numbers_of_numpy_are_kept_too(settings: Settings) -> None:
    save(settings, replace(drawing(), confidence=np.float32(0.5)))  # type: ignore[arg-type]
    assert load(settings)[0].confidence == 0.5


def test_deleting_forgets_those_alone(settings: Settings) -> None:
    ids = [save(settings, drawing(str(digit))) for digit in range(5)]
    delete(settings, ids[1:4])
    delete(settings, [])
    delete(settings, [999])
    assert [one.id for one in load(settings)] == [ids[4], ids[0]]


def test_an_id_is_never_given_again(settings: Settings) -> None:
    first, last = save(settings, drawing("1")), save(settings, drawing("2"))
    (gone, kept) = load(settings)
    delete(settings, [last])
    assert save(settings, drawing("3")) not in (first, last)
    assert save(settings, gone) == last
    assert [(one.label, one.id) for one in load(settings)][1:] == [("2", last), ("1", kept.id)]


@pytest.mark.parametrize("label", ["", "x" * 17])
def test_a_label_must_have_a_length(settings: Settings, label: str) -> None:
    with pytest.raises(InklingError) as error:
        save(settings, drawing(label))
    assert is_sentence(str(error.value))


@pytest.mark.parametrize("form", ["mnist", "emnist"])
def test_drawings_are_a_data_set_in_the_form_asked_for(settings: Settings, form: str) -> None:
    for label in ("7", "A", "7"):
        save(settings, drawing(label))
    save(settings, drawing("8", bar=0))  # blank: stored, not used
    data = open_drawings(settings, FORMS[form])
    stages = canonical(drawing().picture, FORMS[form])
    assert stages is not None
    np.testing.assert_array_equal(data.images, np.stack([stages.model_input] * 3))
    assert [data.classes[label] for label in data.labels] == ["7", "A", "7"]
    by_name = open_dataset("my-drawings", settings, form=FORMS[form])
    np.testing.assert_array_equal(by_name.images, data.images)
    assert by_name.form == form


def test_strokes_are_drawn_again_where_there_are_some(settings: Settings) -> None:
    for label in "71":
        save(settings, drawing(label))
    data = open_drawings(settings)
    assert data.written is not None
    assert data.written.labels.tolist() == ["7", "1"]
    np.testing.assert_array_equal(data.written.piece(0)[0], [[45.0, 20.5], [45.0, 80.25]])
    assert data.written.drawn.all()


def test_an_empty_store_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(InklingError, match="draw something"):
        open_drawings(settings)


def test_exported_idx_files_read_back(settings: Settings, tmp_path: Path) -> None:
    for label in ("b", "7", "A"):
        save(settings, drawing(label))
    data = open_drawings(settings)
    zipfile.ZipFile(io.BytesIO(pack_idx(data.images, data.labels, data.classes))).extractall(
        tmp_path / "out"
    )
    np.testing.assert_array_equal(read_idx(tmp_path / "out" / "images-idx3-ubyte"), data.images)
    labels = read_idx(tmp_path / "out" / "labels-idx1-ubyte")
    names = dict(
        line.split(" ", 1) for line in (tmp_path / "out" / "mapping.txt").read_text().splitlines()
    )
    assert [names[str(label)] for label in labels] == ["b", "7", "A"]


def test_exported_pictures_stay_in_folders_of_their_own() -> None:
    labels = ["7", "a", "A", "/", "..", ".", "\\", "upper_a", "C:", "../7", "7/7", "~", " ", "7"]
    archive = zipfile.ZipFile(
        io.BytesIO(export_png([drawing(label, bar=10 + row) for row, label in enumerate(labels)]))
    )
    names = [name for name in archive.namelist() if name.endswith(".png")]
    assert len(set(archive.namelist())) == len(archive.namelist())
    assert len(names) == len(labels)
    assert [label_of_folder(name.split("/")[0]) for name in names] == labels
    facts = json.loads(archive.read("drawings.json"))
    for row, (name, label) in enumerate(zip(names, labels, strict=True)):
        folder, file = name.split("/")
        assert folder not in ("", ".", "..", "~", " ")
        assert not set(folder) & set('\\:*?"<>| ')
        assert file.endswith(".png")
        selected = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_GRAYSCALE)
        np.testing.assert_array_equal(selected, drawing(bar=10 + row).picture)
        assert (facts[row]["label"], facts[row]["file"], facts[row]["strokes"]) == (
            label,
            name,
            drawing().strokes,
        )


def test_the_store_speaks_of_a_place_it_cannot_use(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for url in (
        "nonsense",
        "",
        "sqlite:///" + str(tmp_path),
        f"sqlite:///{tmp_path / 'file' / 'under.db'}",
        "nodialect://host/name",
        "postgresql://host/name",
        "postgresql://host:port/name",
        "mysql://localhost/x",
    ):
        broken = replace(settings, database=url)
        for call in (
            lambda store: save(store, drawing()),
            load,
            count,
            lambda store: delete(store, [1]),
        ):
            with pytest.raises(InklingError) as error:
                call(broken)
            assert is_sentence(str(error.value)), url


def test_a_file_that_is_no_database(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "drawings.db").write_bytes(b"something else" * 1000)
    with pytest.raises(InklingError) as error:
        load(settings)
    assert is_sentence(str(error.value))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(settings: Settings, tmp_path: Path) -> None:
    save(settings, drawing())
    (tmp_path / "store" / "drawings.db").chmod(0o444)
    (tmp_path / "store").chmod(0o555)
    try:
        with pytest.raises(InklingError):
            save(settings, drawing())
        assert count(settings) == 1
    finally:
        (tmp_path / "store").chmod(0o755)


@pytest.mark.parametrize(
    "reason", ["database or disk is full", "attempt to write a readonly database", "disk I/O error"]
)
def test_a_write_that_fails_loses_nothing(settings: Settings, reason: str) -> None:
    import sqlite3

    selected = save(settings, drawing())
    engine = store._engine(sql.make_url(settings.database))

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError(reason)

    sql.event.listen(engine, "do_execute", fail)
    try:
        for call in (lambda: save(settings, drawing("8")), lambda: delete(settings, [selected])):
            with pytest.raises(InklingError, match=reason) as error:
                call()
            assert is_sentence(str(error.value))
    finally:
        sql.event.remove(engine, "do_execute", fail)
    assert [one.id for one in load(settings)] == [selected]
    save(settings, drawing("8"))
    assert count(settings) == 2


def test_a_password_is_not_shown(settings: Settings) -> None:
    with pytest.raises(InklingError) as error:
        load(replace(settings, database="sqlite://user:secret@host/x.db"))
    assert "secret" not in str(error.value)


def test_threads_write_at_once(settings: Settings) -> None:
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(15):
                save(settings, drawing())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len({one.id for one in load(settings)}) == 90


def test_processes_write_at_once(settings: Settings) -> None:
    """Both find no table and create it; neither may fail or lose a drawing."""
    program = (
        "import sys, numpy as np, time\n"
        "from pathlib import Path\n"
        "from core.datasets.drawings import Drawing, save\n"
        "from core.settings import Settings\n"
        "settings = Settings(Path(), Path(), Path(), sys.argv[1])\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for _ in range(20): save(settings, Drawing(np.zeros((9, 9), np.uint8), [], '7', '7', 1.0, "
        "'x'))\n"
    )
    command = [sys.executable, "-c", program, settings.database]
    root = Path(__file__).resolve().parents[2]
    running = [
        subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.communicate("go\n", timeout=60)
    assert [process.returncode for process in running] == [0, 0, 0]
    assert count(settings) == 60
