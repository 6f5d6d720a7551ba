"""Inkling without its screens: data, ink, models, training, evaluation, REST and the command
line.
"""

__version__ = "0.2.0"
"""As in pyproject.toml; the project is not installed, so that nothing else could be asked."""
