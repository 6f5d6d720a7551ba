"""Effects on finished pictures: a table of effects, and kernels that take explicit parameters."""
