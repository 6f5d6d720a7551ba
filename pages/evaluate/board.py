"""Pictures to go through by keyboard: one key marks the one under the cursor; each mark is told at
once and can be undone.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from string import ascii_letters
from typing import Any

import numpy as np
import streamlit as st

from core.curation.marks import Mark
from core.ink.encode import contact_sheet, data_uri

_JS = """
export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const board = parentElement.querySelector(".board");
  const memory = (board.memory ??= { run: Math.random().toString(36).slice(2), log: [], cursor: 0, shown: "" });
  // What was marked here and is not in the data yet is shown as it will be.
  if (data.told.run === memory.run) memory.log = memory.log.filter((entry) => entry.number > data.told.number);
  memory.last = Math.max(memory.last ?? 0, data.told.run === memory.run ? data.told.number : 0);
  const marks = new Map(data.items.filter((item) => item.mark).map((item) => [item.row, item.mark]));
  for (const entry of memory.log) entry.mark ? marks.set(entry.row, entry.mark) : marks.delete(entry.row);

  const word = (mark) => !mark ? "" : mark.kind === "mislabelled" ? "is " + mark.becomes : mark.kind;
  const show = (button, mark) => {
    const badge = button.querySelector(".badge");
    badge.textContent = word(mark);
    button.classList.toggle("marked", !!mark);
  };
  const buttons = () => [...board.querySelectorAll("button")];
  const move = (to) => {
    const all = buttons();
    memory.cursor = Math.min(Math.max(to, 0), all.length - 1);
    all.forEach((button, place) => button.tabIndex = place === memory.cursor ? 0 : -1);
    all[memory.cursor]?.focus();
  };
  const tell = (row, mark) => {
    memory.last += 1;
    memory.log.push({ number: memory.last, row, mark });
    setStateValue("log", { run: memory.run, entries: memory.log });
    const place = data.items.findIndex((item) => item.row === row);
    if (place >= 0) show(buttons()[place], mark);
  };
  const set = (item, mark) => {
    (memory.undo ??= []).push([item.row, marks.get(item.row) ?? null]);
    mark ? marks.set(item.row, mark) : marks.delete(item.row);
    tell(item.row, mark);
  };
  const columns = () => getComputedStyle(board).gridTemplateColumns.split(" ").length;

  board.onkeydown = (event) => {
    const item = data.items[memory.cursor];
    if (!item) return;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns() }[event.key];
    if (step) { event.preventDefault(); move(memory.cursor + step); return; }
    if ((event.key === "z" && (event.ctrlKey || event.metaKey)) || event.key === "Backspace") {
      event.preventDefault();
      const last = memory.undo?.pop();
      if (!last) return;
      last[1] ? marks.set(last[0], last[1]) : marks.delete(last[0]);
      tell(...last);
      const place = data.items.findIndex((each) => each.row === last[0]);
      if (place >= 0) move(place);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); setTriggerValue("opened", item.row); return; }
    const becomes = data.keys[event.key];
    const mark = event.key === "?" ? { kind: "unreadable", becomes: "" } : event.key === "!" ? { kind: "hard", becomes: "" }
      : becomes !== undefined ? (becomes === item.label ? null : { kind: "mislabelled", becomes }) : undefined;
    if (event.key === "Delete") set(item, null);
    else if (mark !== undefined) set(item, mark);
    else return;
    event.preventDefault();
    move(memory.cursor + 1);
  };

  const same = data.atlas + JSON.stringify(data.items.map((item) => [item.row, item.caption]));
  if (memory.shown !== same) {
    const focused = board.contains(parentElement.activeElement ?? document.activeElement);
    memory.shown = same;
    memory.cursor = 0;
    board.replaceChildren(...data.items.map((item, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.row = item.row;
      button.setAttribute("aria-label", item.caption);
      const picture = document.createElement("span"), badge = document.createElement("span"), caption = document.createElement("span");
      picture.className = "picture"; badge.className = "badge"; caption.className = "caption";
      const rows = Math.ceil(data.items.length / data.columns);
      const part = (at, of) => of > 1 ? `${(100 * at) / (of - 1)}%` : "0";
      picture.style.backgroundImage = `url(${data.atlas})`;
      picture.style.backgroundSize = `${100 * data.columns}% ${100 * rows}%`;
      picture.style.backgroundPosition = `${part(place % data.columns, data.columns)} ${part(Math.floor(place / data.columns), rows)}`;
      caption.textContent = item.caption;
      button.append(picture, badge, caption);
      button.onclick = () => { move(place); setTriggerValue("opened", item.row); };
      return button;
    }));
    if (focused) move(0); else buttons().forEach((button, place) => button.tabIndex = place === 0 ? 0 : -1);
  }
  buttons().forEach((button, place) => {
    show(button, marks.get(data.items[place].row));
    button.classList.toggle("open", data.items[place].row === data.open);
  });
}
"""
_HTML = '<div class="board" role="group" data-testid="board"></div>'
_CSS = """
.board { display: grid; grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)); gap: 10px 6px; align-items: start;
  font-family: var(--st-font); }
button { display: block; position: relative; padding: 0 0 4px; border: 0; background: none; text-align: left; cursor: pointer;
  color: var(--st-text-color); border-radius: 4px; font: inherit; }
button:focus { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.picture { display: block; aspect-ratio: 1; background-color: #fff; image-rendering: pixelated; border-radius: 4px; }
.caption { display: block; font-size: 0.75rem; line-height: 1.25; white-space: pre-line; opacity: 0.8; margin-top: 3px; }
.badge { position: absolute; top: 4px; left: 4px; font-size: 0.72rem; line-height: 1.2; padding: 1px 5px; border-radius: 3px;
  background: var(--st-primary-color); color: var(--st-background-color); font-weight: 600; }
.badge:empty { display: none; }
.marked .picture { opacity: 0.55; }
.open .picture { box-shadow: 0 0 0 2px var(--st-text-color); }
"""


@dataclass(frozen=True)
class Item:
    """A picture on the board: its row in the data set, its label there, what stands below it."""

    row: int
    label: str
    caption: str


def keys_of(classes: Sequence[str]) -> dict[str, str]:
    """Key -> class: its own sign, or a letter's other case where that is no class too; longer names
    get what is left, in order.
    """
    keys = {name: name for name in classes if len(name) == 1}
    keys |= {
        name.swapcase(): name
        for name in list(keys)
        if name.isalpha() and name.swapcase() not in keys
    }
    free = iter(sign for sign in "1234567890" + ascii_letters if sign not in keys)
    return keys | {
        key: name
        for name, key in zip((name for name in classes if len(name) != 1), free, strict=False)
    }


def board(
    images: np.ndarray,
    items: Sequence[Item],
    marks: dict[int, Mark],
    keys: dict[str, str],
    *,
    key: str,
    opened: int,
    mark: Callable[[Sequence[Mark], Sequence[int]], None],
    open_one: Callable[[int], None],
) -> None:
    """Show images uint8 [K, H, W], one for each of `items`, with their marks.

    Before the script runs again, `mark(set, rows to clear)` is called with what was marked since,
    and `open_one(row)` with what was clicked or entered. Nothing is lost when keys come faster than
    the server: the browser tells its log until it is acknowledged.
    """
    text: dict[str, Any] = st.session_state.setdefault(f"told-{key}", {"run": "", "number": 0})
    labels = {item.row: item.label for item in items}

    def read() -> None:
        log = st.session_state[key].get("log") or {"run": "", "entries": []}
        done = text["number"] if log["run"] == text["run"] else 0
        latest = {
            entry["row"]: entry["mark"]
            for entry in log["entries"]
            if entry["number"] > done and entry["row"] in labels
        }
        mark(
            [
                Mark(row, labels[row], each["kind"], each["becomes"])
                for row, each in latest.items()
                if each
            ],
            [row for row, each in latest.items() if not each],
        )
        text.update(
            run=log["run"], number=max([done, *(entry["number"] for entry in log["entries"])])
        )

    def opened_one() -> None:
        row = st.session_state[key].get("opened")
        if row is not None:
            open_one(int(row))

    columns = max(1, int(np.ceil(np.sqrt(len(items)))))
    component = st.components.v2.component("inkling_board", html=_HTML, css=_CSS, js=_JS)
    data = {
        "atlas": data_uri(contact_sheet(images, columns=columns)),
        "columns": columns,
        "keys": keys,
        "told": dict(text),
        "open": opened,
        "items": [{**asdict(item), "mark": _sent(marks.get(item.row))} for item in items],
    }
    component(data=data, key=key, on_log_change=read, on_opened_change=opened_one)


def _sent(mark: Mark | None) -> dict[str, str] | None:
    return {"kind": mark.kind, "becomes": mark.becomes} if mark else None
