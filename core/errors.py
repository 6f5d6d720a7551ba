"""The one exception whose message is meant for the person at the screen."""


class InklingError(Exception):
    """Something the user can act on; the message is one sentence: what happened and what to do next."""
