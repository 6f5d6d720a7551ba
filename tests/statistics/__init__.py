"""Tests of core/ink."""
