"""Tests of core/datasets."""
