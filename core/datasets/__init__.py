"""Labelled image sets behind one catalogue: published sets, files and folders, and the visitor's
own drawings.
"""
