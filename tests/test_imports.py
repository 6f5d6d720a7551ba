"""The house's one-way streets: screens are painted before torch is loaded, and core knows no
screens.
"""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LATER = {
    "ink": {"datasets", "synthesis", "models", "training", "evaluation", "statistics", "api"},
    "datasets": {"models", "training", "evaluation", "statistics", "api"},
    "synthesis": {"datasets", "models", "training", "evaluation", "statistics", "api"},
    "models": {"training", "evaluation", "statistics", "api"},
    "training": {"evaluation", "statistics", "api"},
    "evaluation": {"statistics", "api"},
    "statistics": {"api"},
}


def imports(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    nodes = ast.walk(ast.parse(path.read_text()))
    return {*names, *(node.module or "" for node in nodes if isinstance(node, ast.ImportFrom))}


def test_no_screen_waits_for_torch():
    code = "import sys, core.api.app, core.datasets.catalogue, core.synthesis.handwriting, core.models.cards\n"
    for page in ("draw", "home", "my_drawings"):
        top = [
            node
            for node in ast.parse((ROOT / "pages" / f"{page}.py").read_text()).body
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


def test_core_knows_no_screens():
    for path in (ROOT / "core").rglob("*.py"):
        assert not any(
            name.partition(".")[0] in ("streamlit", "pages") for name in imports(path)
        ), path


def test_rooms_import_one_way():
    for room, later in LATER.items():
        for path in (ROOT / "core" / room).rglob("*.py"):
            wrong = {
                name
                for name in imports(path)
                for other in later
                if name.startswith(f"core.{other}")
            }
            assert not wrong, f"{path.name} imports {wrong}"
