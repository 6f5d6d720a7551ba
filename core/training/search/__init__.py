"""Hyperparameter search: settings from a grid or drawn by Optuna, and the result of each."""
