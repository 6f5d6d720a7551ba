"""The tests: one file for each file of core/ and pages/, under the same name."""

import os
import sys

# As many tests run at a time as there are cores: one thread is enough for each, and for the
# processes that it starts, and sums are the same in all of them. Libraries read these as they are
# imported, and pytest imports this file before any that needs them; a benchmark sets its own.
if "pytest" in sys.modules:
    for variable in (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "OPENCV_FOR_THREADS_NUM",
    ):
        os.environ[variable] = "1"
