"""What can be done to a finished picture: a table of effects, and kernels that take explicit
parameters.
"""
