"""The way from the sliders to a network that is trained on exactly what they draw."""

from core.datasets.requested import MOST, Requested
from core.synthesis.request import Request
from pages.shared.train_link import train_link


def show_train_with(request: Request, count: int) -> None:
    """A link to Train, with the first `count` images of the request as its data."""
    train_link(
        Requested(request, min(count, MOST)).name,
        "A network learns from the same images, by a recipe that changes nothing in them.",
    )
