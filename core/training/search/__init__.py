"""Settings tried for a model: a grid, or drawn by Optuna; and what came of each."""
