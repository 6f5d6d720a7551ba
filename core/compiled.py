"""Import numba from here, and this before what else is compiled with it.

Where the code cannot be written and the user has no home folder, as in a container, numba finds no
place for what it has compiled, and fails.
"""

import os
from pathlib import Path

import numba
from numba import njit as njit

_HOME = os.environ.get("INKLING_HOME")
if (
    _HOME
    and not os.environ.get("NUMBA_CACHE_DIR")
    and not os.access(Path(__file__).parent, os.W_OK)
):
    numba.config.CACHE_DIR = str(Path(_HOME) / "compiled")  # type: ignore[attr-defined]
