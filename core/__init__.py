"""Inkling without its screens: data, ink, models, training, evaluation, REST and the command
line.
"""
