"""Drawn handwriting against a recognizer: sweeps, hard examples, realism."""
