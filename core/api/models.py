"""/models: the available recognizers."""

from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException

from core.errors import InklingError
from core.models.cards import find_card, find_cards
from core.settings import Settings


def router(settings: Settings) -> APIRouter:
    """The routes of this room."""
    routes = APIRouter()

    @routes.get("/models")
    def models() -> list[dict[str, Any]]:
        """The available recognizers, with their measured accuracy."""
        return [
            {
                "name": card.name,
                "title": card.title,
                "classes": card.classes,
                "parameters": card.parameters,
                "accuracy": card.accuracy,
                "measured": card.test or card.validation,
            }
            for card, _ in find_cards(settings).values()
        ]

    return routes


def require_model(name: str, settings: Settings) -> None:
    """404, with a sentence, if there is no recognizer of that name."""
    try:
        find_card(name, settings)
    except InklingError as error:
        raise HTTPException(404, str(error)) from error
