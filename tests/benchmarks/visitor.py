"""A visitor of Draw without a browser: speaks the dashboard's protocol as its canvas does."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.browser.conftest import STROKES

PATIENCE = 30.0
"""Seconds after which a stroke counts as unanswered."""

OFTEN, SLOW, LONG = 0.1, 0.3, 2.0
"""As in canvas.js: when the answer to a stroke under way is asked for, seconds."""

_SIZE, _PEN, _POINTS = [320, 320], 20, 70


@dataclass
class Seen:
    """What a visitor saw: seconds from each pen-up to its answer, the answers to strokes under
    way, the strokes without an answer, and the errors shown.
    """

    lifted: list[float] = field(default_factory=list)
    under_way: int = 0
    unanswered: int = 0
    errors: list[str] = field(default_factory=list)


class Visitor:
    """One session on the Draw screen."""

    def __init__(self, socket: ClientConnection, seen: Seen) -> None:
        self.socket, self.seen = socket, seen
        self.canvas = self.fragment = self.page = ""
        self.serial, self.strokes = 1, []  # type: tuple[int, list[list[list[float]]]]
        self.heard = asyncio.Condition()
        self.answered = 0
        self.took = 0.0

    async def listen(self) -> None:
        """Hear all that the server says until it hangs up."""
        async for message in self.socket:
            said = ForwardMsg.FromString(message)
            if said.WhichOneof("type") == "new_session":
                self.page = said.new_session.page_script_hash
            elif said.WhichOneof("type") == "delta":
                await self._hear(said)

    async def _hear(self, said: ForwardMsg) -> None:
        element = said.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.seen.errors.append(element.exception.message)
        elif kind == "alert":
            self.seen.errors.append(element.alert.body)
        elif kind == "bidi_component" and element.bidi_component.component_name == "inkling_canvas":
            self.canvas, self.fragment = element.bidi_component.id, said.delta.fragment_id
        elif (
            kind == "bidi_component" and element.bidi_component.component_name == "inkling_answered"
        ):
            async with self.heard:
                self.answered = json.loads(element.bidi_component.json)["serial"]
                self.heard.notify_all()

    async def open(self) -> None:
        """Open the screen, and wait until its canvas is there."""
        message = BackMsg()
        message.rerun_script.query_string = "model=digits"
        message.rerun_script.page_name = "draw"
        await self.socket.send(message.SerializeToString())
        while not self.canvas:
            await asyncio.sleep(0.05)

    async def ask(self, strokes: Sequence[Sequence[Sequence[float]]], *, under_way: bool) -> bool:
        """Send a drawing; whether its answer came in time."""
        self.serial += 1
        serial, start = self.serial, time.perf_counter()
        drawing = {
            "serial": serial,
            "under_way": under_way,
            "strokes": strokes,
            "pressure": [[0.5] * len(stroke) for stroke in strokes],
            "pen": _PEN,
            "size": _SIZE,
        }
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string, rerun.page_script_hash = "model=digits", self.page
        rerun.fragment_id = self.fragment
        state = rerun.widget_states.widgets.add()
        state.id, state.json_value = self.canvas, json.dumps({"drawing": drawing})
        await self.socket.send(message.SerializeToString())
        try:
            async with asyncio.timeout(PATIENCE), self.heard:
                await self.heard.wait_for(lambda: self.answered >= serial)
        except TimeoutError:
            return False
        self.took = time.perf_counter() - start
        return True

    async def draw(self, shape: np.ndarray, seconds: float) -> None:
        """One stroke [P, 2] at the pace of a pen, answered while it is drawn and when it ends."""
        begun, pending = time.perf_counter(), None
        while (elapsed := time.perf_counter() - begun) < seconds:
            pause = min(self.took * (5 if self.took > SLOW else 2), LONG)
            if pending is None and elapsed > OFTEN:
                part = shape[: max(2, int(len(shape) * elapsed / seconds))].tolist()
                pending = asyncio.create_task(self.ask([*self.strokes, part], under_way=True))
            await asyncio.sleep(max(OFTEN, pause) if pending is None or pending.done() else 0.02)
            if pending is not None and pending.done():
                self.seen.under_way += pending.result()
                pending = None
        self.strokes = [*self.strokes, shape.tolist()][-4:]
        start = time.perf_counter()
        if await self.ask(self.strokes, under_way=False):
            self.seen.lifted.append(time.perf_counter() - start)
        else:
            self.seen.unanswered += 1
        if pending is not None:
            await pending


@contextlib.asynccontextmanager
async def visiting(address: str, seen: Seen) -> AsyncIterator[Visitor]:
    """A visitor on the Draw screen of a server."""
    stream = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    async with connect(
        stream, subprotocols=[Subprotocol("streamlit")], origin=Origin(address), max_size=None
    ) as socket:
        visitor = Visitor(socket, seen)
        listening = asyncio.create_task(visitor.listen())
        await visitor.open()
        yield visitor
        listening.cancel()


def shape(number: int) -> np.ndarray:
    """A stroke float [P, 2] in pixels of the canvas, not twice the same in a row."""
    shapes = [stroke for label in "7304" for stroke in STROKES[label]]
    corners = np.array(shapes[number % len(shapes)]) * 0.9 + [3 * (number % 7), 2 * (number % 11)]
    at = np.linspace(0, len(corners) - 1, _POINTS)
    points = np.stack([np.interp(at, range(len(corners)), side) for side in corners.T], 1)
    return points.round(2)
