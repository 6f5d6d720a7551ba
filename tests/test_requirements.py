from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_lock_has_what_is_required() -> None:
    """Made by `bash .ci/audit --write`; hashes for each."""
    required = (ROOT / "requirements.txt").read_text().split()
    blocks = (ROOT / ".github" / "requirements.lock").read_text().replace("\\\n", "").splitlines()
    locked = {block.split()[0]: block for block in blocks}
    assert [pin for pin in required if pin not in locked] == []
    assert all("--hash=sha256:" in block for block in blocks)
