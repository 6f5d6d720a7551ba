"""Pictures to mark by keyboard: one key marks the one under the cursor; each mark is sent at once
and can be undone.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from string import ascii_letters
from typing import Any

import numpy as np
import streamlit as st

from core.datasets.marks import Mark
from core.ink.encode import contact_sheet, data_uri

_JS = """
export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const board = parentElement.querySelector(".board");
  const memory = (board.memory ??= {
    run: Math.random().toString(36).slice(2), log: [], cursor: 0, shown: ""
  });
  // What was marked here and is not in the data yet is shown as it will be.
  const taken = data.taken.run === memory.run ? data.taken.number : 0;
  memory.log = memory.log.filter((entry) => entry.number > taken);
  memory.last = Math.max(memory.last ?? 0, taken);
  const marked = data.items.filter((item) => item.mark);
  const marks = new Map(marked.map((item) => [item.row, item.mark]));
  const put = (row, mark) => mark ? marks.set(row, mark) : marks.delete(row);
  for (const entry of memory.log) put(entry.row, entry.mark);

  const word = (mark) =>
    !mark ? "" : mark.kind === "mislabelled" ? "is " + mark.becomes : mark.kind;
  const show = (button, mark) => {
    const badge = button.querySelector(".badge");
    badge.textContent = word(mark);
    button.classList.toggle("marked", !!mark);
  };
  const buttons = () => [...board.querySelectorAll("button")];
  const move = (to) => {
    const all = buttons();
    memory.cursor = Math.min(Math.max(to, 0), all.length - 1);
    all.forEach((button, index) => button.tabIndex = index === memory.cursor ? 0 : -1);
    all[memory.cursor]?.focus();
  };
  const send = (row, mark) => {
    memory.last += 1;
    memory.log.push({ number: memory.last, row, mark });
    setStateValue("log", { run: memory.run, entries: memory.log });
    const index = data.items.findIndex((item) => item.row === row);
    if (index >= 0) show(buttons()[index], mark);
  };
  const set = (item, mark) => {
    (memory.undo ??= []).push([item.row, marks.get(item.row) ?? null]);
    put(item.row, mark);
    send(item.row, mark);
  };
  const columns = () => getComputedStyle(board).gridTemplateColumns.split(" ").length;

  board.onkeydown = (event) => {
    const item = data.items[memory.cursor];
    if (!item) return;
    const step = {
      ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns()
    }[event.key];
    if (step) { event.preventDefault(); move(memory.cursor + step); return; }
    if ((event.key === "z" && (event.ctrlKey || event.metaKey)) || event.key === "Backspace") {
      event.preventDefault();
      const last = memory.undo?.pop();
      if (!last) return;
      put(...last);
      send(...last);
      const index = data.items.findIndex((item) => item.row === last[0]);
      if (index >= 0) move(index);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      setTriggerValue("opened", item.row);
      return;
    }
    const becomes = data.keys[event.key];
    const relabelled = becomes === item.label ? null : { kind: "mislabelled", becomes };
    const mark = event.key === "?" ? { kind: "unreadable", becomes: "" }
      : event.key === "!" ? { kind: "hard", becomes: "" }
      : becomes === undefined ? undefined : relabelled;
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
    board.replaceChildren(...data.items.map((item, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.row = item.row;
      button.setAttribute("aria-label", item.caption);
      const [picture, badge, caption] = ["picture", "badge", "caption"].map((name) => {
        const span = document.createElement("span");
        span.className = name;
        return span;
      });
      const rows = Math.ceil(data.items.length / data.columns);
      const share = (at, of) => of > 1 ? `${(100 * at) / (of - 1)}%` : "0";
      const column = index % data.columns, row = Math.floor(index / data.columns);
      picture.style.backgroundImage = `url(${data.atlas})`;
      picture.style.backgroundSize = `${100 * data.columns}% ${100 * rows}%`;
      picture.style.backgroundPosition = `${share(column, data.columns)} ${share(row, rows)}`;
      caption.textContent = item.caption;
      button.append(picture, badge, caption);
      button.onclick = () => { move(index); setTriggerValue("opened", item.row); };
      return button;
    }));
    if (focused) move(0);
    else buttons().forEach((button, index) => button.tabIndex = index === 0 ? 0 : -1);
  }
  buttons().forEach((button, index) => {
    show(button, marks.get(data.items[index].row));
    button.classList.toggle("open", data.items[index].row === data.open);
  });
}
"""
_HTML = '<div class="board" role="group" data-testid="board"></div>'
_CSS = """
.board {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(92px, 1fr));
  gap: 10px 6px; align-items: start; font-family: var(--st-font);
}
button {
  display: block; position: relative; padding: 0 0 4px; border: 0; border-radius: 4px;
  background: none; color: var(--st-text-color); font: inherit; text-align: left; cursor: pointer;
}
button:focus { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.picture {
  display: block; aspect-ratio: 1; border-radius: 4px;
  background-color: #fff; image-rendering: pixelated;
}
.caption {
  display: block; margin-top: 3px; font-size: 0.75rem; line-height: 1.25;
  white-space: pre-line; opacity: 0.8;
}
.badge {
  position: absolute; top: 4px; left: 4px; padding: 1px 5px; border-radius: 3px;
  font-size: 0.72rem; line-height: 1.2; font-weight: 600;
  background: var(--st-primary-color); color: var(--st-background-color);
}
.badge:empty { display: none; }
.marked .picture { opacity: 0.55; }
.open .picture { box-shadow: 0 0 0 2px var(--st-text-color); }
"""


@dataclass(frozen=True)
class Item:
    """A picture on the board: its row in the data set, its label, its caption."""

    row: int
    label: str
    caption: str


def keys_of(classes: Sequence[str]) -> dict[str, str]:
    """Key -> class: its own character, or a letter's other case if that is no class; longer names
    get the keys left, in order.
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

    Before the script runs again, `mark(set, rows to clear)` is called with the new marks, and
    `open_one(row)` with the row clicked or entered. Nothing is lost when keys come faster than the
    server: the browser resends its log until it is acknowledged.
    """
    taken: dict[str, Any] = st.session_state.setdefault(f"taken-{key}", {"run": "", "number": 0})
    labels = {item.row: item.label for item in items}

    def read() -> None:
        log = st.session_state[key].get("log") or {"run": "", "entries": []}
        done = taken["number"] if log["run"] == taken["run"] else 0
        latest = {
            entry["row"]: entry["mark"]
            for entry in log["entries"]
            if entry["number"] > done and entry["row"] in labels
        }
        mark(
            [
                Mark(row, labels[row], mark["kind"], mark["becomes"])
                for row, mark in latest.items()
                if mark
            ],
            [row for row, mark in latest.items() if not mark],
        )
        taken.update(
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
        "taken": dict(taken),
        "open": opened,
        "items": [{**asdict(item), "mark": _sent(marks.get(item.row))} for item in items],
    }
    component(data=data, key=key, on_log_change=read, on_opened_change=opened_one)


def _sent(mark: Mark | None) -> dict[str, str] | None:
    return {"kind": mark.kind, "becomes": mark.becomes} if mark else None
