"""A Postgres server of the tests' own, in a temporary folder and without a port."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


def program(name: str) -> str | None:
    """One of Postgres' programs; Debian keeps them off the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(debian[-1]) if debian else None)


@contextmanager
def running() -> Iterator[str]:
    """The SQLAlchemy URL of its database while it runs."""
    user = "nobody" if os.geteuid() == 0 else None  # Postgres refuses root
    with TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        # a socket's path may have about 100 characters, which pytest's folders exceed
        folder = Path(name)
        if user:
            shutil.chown(folder, user)

        def run(tool: str, *arguments: str) -> None:
            command = [str(program(tool)), "-D", str(folder / "data"), *arguments]
            subprocess.run(
                command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=60
            )

        run("initdb", "--no-sync", "--auth=trust", "--username=inkling", "--encoding=UTF8")
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        run("pg_ctl", "--wait", f"--options={options}", f"--log={folder / 'log'}", "start")
        try:
            yield f"postgresql+psycopg://inkling@/postgres?host={folder}"
        finally:
            run("pg_ctl", "--mode=immediate", "stop")
