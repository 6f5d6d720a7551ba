"""Inkling without its user interface: data, ink, models, training, evaluation, REST and the command
line.
"""

__version__ = "0.3.0"
"""Same as in pyproject.toml; the project is not installed, so package metadata has no version."""
