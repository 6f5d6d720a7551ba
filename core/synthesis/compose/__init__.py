"""Whole numbers and Roman numerals joined from single characters that people wrote."""
