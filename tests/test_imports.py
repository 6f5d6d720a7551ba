"""Import rules: packages are layered, no two modules import each other, and screens are painted
before torch is loaded.

Every file's imports are read, including those inside functions and for type checkers alone.
"""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GROUND_FLOOR = (
    *("settings", "errors", "logs", "metrics", "files", "progress", "intervals"),
    *("torchvision_cpu", "compiled", "store", "tables", "migrations", "visitors"),
)
FLOORS = (
    {"core", "pages", *(f"core.{name}" for name in GROUND_FLOOR)},
    {"core.jobs", "core.backup"},
    {"core.ink"},
    {"core.synthesis"},
    {"core.datasets"},
    {"core.models"},
    {"core.reading"},
    {"core.training"},
    {"core.statistics"},
    {"core.curation"},
    {"core.evaluation"},
    {"core.api", "core.cli"},
    {"core.__main__"},
    {"pages.shared"},
    {"pages.SCREEN"},
    {"pages.navigation"},
    {"app"},
)
"""Lowest first. A room uses what is below it, and no other room on its floor; the rooms of the
ground floor, single files, use one another."""


def module_of(path: Path, root: Path = ROOT) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def source_files(root: Path = ROOT) -> list[Path]:
    return sorted(
        [*(root / "core").rglob("*.py"), *(root / "pages").rglob("*.py"), root / "app.py"]
    )


def imported_names(path: Path, root: Path = ROOT) -> set[str]:
    """All imports of a file, wherever they stand: modules, and names of modules."""
    package = module_of(path, root).split(".")
    if path.name != "__init__.py":
        package.pop()
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return names


def module_graph(root: Path = ROOT) -> dict[str, set[str]]:
    """Each module, and the project's modules that it imports."""
    files = {module_of(path, root): path for path in source_files(root)}
    return {
        module: (imported_names(path, root) & files.keys()) - {module}
        for module, path in files.items()
    }


def room_of(module: str) -> str:
    parts = module.split(".")
    if parts[0] == "pages" and parts[1:2] not in (["shared"], ["navigation"], []):
        return "pages.SCREEN"
    return ".".join(parts[:2])


def floor_of(module: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room_of(module) in rooms)


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    return module_graph()


def test_no_modules_need_each_other(graph):
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" needs ".join(reversed(error.args[1])))


def test_every_room_stands_on_a_floor(graph):
    assert {room_of(module) for module in graph} == set().union(*FLOORS)


def test_rooms_use_only_what_is_below_them(graph):
    wrong = [
        f"{module} imports {name}"
        for module, names in graph.items()
        for name in names
        if floor_of(name) > floor_of(module)
        or (
            floor_of(name) == floor_of(module) > 0
            and name.split(".")[:2] != module.split(".")[:2]  # screens too
        )
    ]
    assert not wrong


def test_core_knows_no_screens():
    wrong = [
        f"{module_of(path)} imports {name}"
        for path in (ROOT / "core").rglob("*.py")
        for name in imported_names(path)
        if name.partition(".")[0] in ("streamlit", "pages", "app")
    ]
    assert not wrong


def test_the_graph_sees_imports_wherever_they_hide(tmp_path):
    for name, source in {
        "core/__init__.py": "",
        "core/ink/__init__.py": "",
        "core/ink/one.py": "def late():\n    from core.ink import two\n",
        "core/ink/two.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
        "    from core.ink.three import Three\n",
        "core/ink/three.py": "from . import one\nfrom .. import other\n",
        "core/other.py": "import core.ink\nimport os\n",
        "pages/__init__.py": "class Screen:\n    import core.other\n",
        "app.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source)
    graph = module_graph(tmp_path)
    assert graph["core.ink.one"] == {"core.ink", "core.ink.two"}
    assert graph["core.ink.two"] == {"core.ink.three"}
    assert graph["core.ink.three"] == {"core", "core.ink", "core.ink.one", "core.other"}
    assert graph["core.other"] == {"core.ink"}
    assert graph["pages"] == {"core.other"}
    with pytest.raises(CycleError):
        TopologicalSorter(graph).prepare()


def test_no_screen_waits_for_torch():
    code = "import sys, core.api.app, core.datasets.catalogue, core.synthesis.handwriting\n"
    code += "import core.models.cards\n"
    for page in sorted((ROOT / "pages").glob("*/page.py")):
        top = [
            node
            for node in ast.parse(page.read_text()).body
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        code += "\n".join(ast.unparse(node) for node in top) + "\n"
    code += (
        "print([name for name in ('torch', 'captum', 'sklearn', 'numba') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"
