"""Decisions as the board names them: keep, remove, a label."""

from collections.abc import Iterable

from core.curation.decisions import KEEP, LABEL, REMOVE, UNDECIDED, UNDONE, Decision
from pages.shared.board import Action, Made
from pages.shared.board.keys import keys_of


def actions_of(classes: Iterable[str], *, keep: bool = True) -> list[Action]:
    """Keep, where there is a label to keep, remove, and a label for each class."""
    names = list(dict.fromkeys(classes))
    keys = keys_of(names)
    labels = []
    for name in names:
        own = tuple(key for key, meant in keys.items() if meant == name)
        labels.append(Action(label(name), own, name, own[0] if own else "", f"is {name}"))
    return [
        *[Action(KEEP, ("Enter",), "Keep", "Enter", "kept")] * keep,
        Action(REMOVE, ("Delete", "-"), "Remove", "Del", "removed", fades=True),
        *labels,
    ]


def label(name: str) -> str:
    """The value of a picture that is given this label."""
    return f"{LABEL}:{name}"


def value_of(decision: Decision | None) -> str:
    """The value of a picture with this decision."""
    if decision is None:
        return UNDECIDED
    return label(decision.label) if decision.action == LABEL else decision.action


def decision_of(made: Made, *, labelled: str, digest: str, why: str) -> Decision:
    """What the board sent as a decision on a picture that is labelled so in the data: its own label
    given to it keeps it. InklingError if it is no decision.
    """
    action, _, given = made.value.partition(":")
    if action == LABEL and given == labelled:
        action, given = KEEP, ""
    return Decision(made.name, digest, action, given, UNDONE if made.undo else why)
