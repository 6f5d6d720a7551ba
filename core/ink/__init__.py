"""From any picture to model input: decoding, finding the ink, the canonical forms, strokes, and
lines of characters.
"""
