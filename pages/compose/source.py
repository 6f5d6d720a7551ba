"""What the views show: compositions as the controls set them."""

from dataclasses import dataclass

from core.settings import Settings
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.request import ComposeRequest


@dataclass(frozen=True)
class Source:
    """request : the settings of the controls. made : from them."""

    settings: Settings
    request: ComposeRequest
    made: Compositions
