// A photographed table and what was read in it: photograph, table and the chosen cell are one, and
// answer at once; what is corrected is sent to Python behind it.

const boards = new WeakMap(); // Streamlit calls the function below again whenever `data` changes
const LINES = 1000; // units of the photograph's overlay
const NAMES = ["Top left corner", "Top right corner", "Bottom right corner", "Bottom left corner"];
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

const KEPT = "inkling-sheets", SHEETS = 30; // in this browser: corrections of the last so many tables

const make = (tag, className = "", text = "") => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.textContent = text;
  if (tag === "button") node.type = "button";
  return node;
};
const shape = (tag) => document.createElementNS("http://www.w3.org/2000/svg", tag);
const percent = (share) => (share > 0.995 ? "over 99 %" : `${Math.round(100 * share)} %`);
const placed = (points) => points.map(([x, y]) => `${LINES * x},${LINES * y}`).join(" ");

// Corrections outlive a reload; the same photograph has them again.
const kept = () => {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {}; // storage may be forbidden
  }
};
const keep = (id, texts) => {
  const { [id]: _, ...others } = kept();
  const last = Object.entries(others).slice(1 - SHEETS);
  try {
    localStorage.setItem(KEPT, JSON.stringify({ ...Object.fromEntries(last), [id]: texts }));
  } catch {} // full or forbidden: they live as long as the session
};

// From the unit square onto four corners (Heckbert 1989, section 2.2.3).
const onto = ([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]) => {
  const sx = x0 - x1 + x2 - x3, sy = y0 - y1 + y2 - y3;
  const dx1 = x1 - x2, dx2 = x3 - x2, dy1 = y1 - y2, dy2 = y3 - y2;
  const base = dx1 * dy2 - dx2 * dy1 || 1e-9;
  const g = (sx * dy2 - dx2 * sy) / base, h = (dx1 * sy - sx * dy1) / base;
  return (u, v) => {
    const w = g * u + h * v + 1;
    return [
      ((x1 - x0 + g * x1) * u + (x3 - x0 + h * x3) * v + x0) / w,
      ((y1 - y0 + g * y1) * u + (y3 - y0 + h * y3) * v + y0) / w,
    ];
  };
};

class Board {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.cells = [];
    this.at = 0;
    const heard = () => {
      if (root.isConnected) this.paintPictures();
      else removeEventListener("inkling-sheet", heard); // the page is another one now
    };
    addEventListener("inkling-sheet", heard);
    const on = (selector, act) => { this.find(selector).onclick = act; };
    on(".back", () => this.walk(-1));
    on(".on", () => this.walk(1));
    on(".right", () => this.confirm());
    on(".corners", () => this.move(!this.moving));
    on(".again", () => this.sendCorners(this.corners));
    on(".itself", () => this.sendCorners(null));
    // whoever leaves the table may want it downloaded
    this.find("table").addEventListener("focusout", () => { if (this.timer) this.tell(); });
    for (const name of [".rows", ".columns"]) this.find(name).oninput = () => this.paintCorners();
    this.makeHandles();
  }

  update(json, edits, send, trigger) {
    this.send = send;
    this.trigger = trigger;
    if (json === this.json) return; // only what was sent from here has come back
    const again = this.data?.id;
    this.json = json;
    this.data = JSON.parse(json);
    const { id, cells } = this.data;
    const before = Object.keys(edits).length ? {} : kept()[id] ?? {};
    const known = again === id ? this.edits() : { ...before, ...edits };
    this.cells = cells.map(({ text, confidence, sure, line, top }, index) => {
      const given = known[index];
      return { read: text, confidence, sure, line, top, text: given ?? text, seen: given !== undefined };
    });
    if (again !== id) this.at = Math.max(0, this.cells.findIndex((cell) => this.open(cell)));
    this.build();
    if (again !== id && Object.keys(before).length) this.tell();
  }

  // A cell that somebody should look at.
  open(cell) {
    return !cell.sure && !cell.seen;
  }

  build() {
    const { rows, columns, digits, corners, own, alt } = this.data;
    this.find(".photo").alt = alt;
    this.find(".sheet").classList.toggle("bare", !this.cells.length);
    const head = make("tr"), body = make("tbody");
    head.append(make("td"));
    head.firstChild.style.border = "0";
    for (let column = 1; column <= columns; column += 1) {
      const name = make("th", "", String(column));
      name.scope = "col";
      head.append(name);
    }
    this.inputs = [];
    for (let row = 0; row < rows && this.cells.length; row += 1) {
      const line = make("tr"), name = make("th", "", String(row + 1));
      name.scope = "row";
      line.append(name);
      for (let column = 0; column < columns; column += 1) {
        const cell = make("td"), input = make("input");
        const index = this.inputs.length;
        Object.assign(input, { autocomplete: "off", spellcheck: false, maxLength: 16 });
        input.inputMode = digits ? "numeric" : "text";
        input.onfocus = () => { this.choose(index); input.select(); };
        input.oninput = () => this.type(index, input.value);
        input.onkeydown = (event) => this.press(event);
        cell.append(input);
        line.append(cell);
        this.inputs.push(input);
      }
      body.append(line);
    }
    const top = make("thead");
    top.append(head);
    this.find("table").style.setProperty("--columns", columns);
    this.find("table").replaceChildren(top, body);
    this.drawLines();
    this.corners = corners.map((corner) => [...corner]);
    this.find(".rows").value = rows;
    this.find(".columns").value = columns;
    this.find(".itself").hidden = !own;
    this.move(!this.cells.length);
    this.paintPictures();
    this.cells.forEach((_, index) => this.paint(index));
    this.paintDesk();
  }

  drawLines() {
    const { columns, points } = this.data, across = columns + 1;
    this.shapes = this.cells.map((_, index) => {
      const start = Math.floor(index / columns) * across + (index % columns);
      const polygon = shape("polygon");
      const at = [start, start + 1, start + across + 1, start + across];
      polygon.setAttribute("points", placed(at.map((number) => points[number])));
      polygon.onclick = () => this.go(index, true);
      return polygon;
    });
    this.preview = shape("path");
    this.find(".lines").replaceChildren(...this.shapes, this.preview);
  }

  paintPictures() {
    const shown = window.inklingSheet;
    if (!this.data || shown?.id !== this.data.id) return; // they come with another message
    const photo = this.find(".photo"), crop = this.find(".crop");
    if (photo.src !== shown.photo) photo.src = shown.photo;
    const [wide, high] = shown.size;
    photo.style.aspectRatio = `${wide} / ${high}`;
    crop.style.setProperty("--ratio", shown.ratio);
    crop.style.backgroundImage = shown.sprite ? `url(${shown.sprite})` : "none";
    crop.style.backgroundSize = `${100 * this.data.columns}% ${100 * this.data.rows}%`;
  }

  paint(index) {
    const cell = this.cells[index], input = this.inputs[index], { columns } = this.data;
    if (input.value !== cell.text) input.value = cell.text;
    const states = {
      unsure: this.open(cell), changed: cell.text !== cell.read, current: index === this.at,
    };
    for (const [name, is] of Object.entries(states)) {
      input.parentNode.classList.toggle(name, is);
      this.shapes[index].classList.toggle(name, is);
    }
    if (states.current) this.find(".lines").insertBefore(this.shapes[index], this.preview); // on top
    input.tabIndex = states.current ? 0 : -1;
    const place = `Row ${Math.floor(index / columns) + 1}, column ${(index % columns) + 1}`;
    input.setAttribute("aria-label", place + (states.unsure ? ", unsure" : states.changed ? ", corrected" : ""));
  }

  paintDesk() {
    const cell = this.cells[this.at], { rows, columns } = this.data;
    if (!cell) return;
    const row = Math.floor(this.at / columns), column = this.at % columns;
    const share = (index, of) => (of > 1 ? `${(100 * index) / (of - 1)}%` : "0");
    const crop = this.find(".crop");
    crop.style.backgroundPosition = `${share(column, columns)} ${share(row, rows)}`;
    crop.setAttribute("aria-label", `The cell in row ${row + 1}, column ${column + 1}, as photographed`);
    const read = cell.read ? `read as ${cell.read}` : "read as blank";
    const said = cell.text === cell.read ? (cell.seen ? ", looked at" : "") : `, corrected to ${cell.text || "blank"}`;
    const what = this.find(".what");
    what.replaceChildren(make("b", "", cell.text || "Blank"), ` row ${row + 1}, column ${column + 1}: `);
    const digits = cell.line ? `, digit by digit as ${cell.line}` : "";
    what.append(`${read}, ${percent(cell.confidence)} sure${digits}${said}`);
    const top = cell.top.map(([text, sure]) => [text, percent(sure)]);
    if (cell.line && !cell.top.some(([text]) => text === cell.line)) top.push([cell.line, "by digits"]);
    this.find(".answers").replaceChildren(...[...top, ["", "blank"]].map(([text, note]) => {
      const button = make("button", "", text ? `${text} · ${note}` : "Blank");
      button.setAttribute("aria-pressed", cell.text === text);
      button.onmousedown = (event) => event.preventDefault(); // the cell stays in focus
      button.onclick = () => this.set(this.at, text);
      return button;
    }));
    const unsure = this.cells.filter((each) => !each.sure).length;
    const left = this.cells.filter((each) => this.open(each)).length;
    this.find(".left").textContent = !unsure ? "No cell is unsure"
      : left ? `${left} unsure ${left === 1 ? "cell" : "cells"} left` : "All unsure cells looked at";
    for (const name of [".back", ".on"]) this.find(name).disabled = !unsure;
  }

  choose(index) {
    const before = this.at;
    this.at = index;
    for (const each of new Set([before, index])) this.paint(each);
    this.paintDesk();
  }

  // With the keyboard there too; a finger that taps the photograph needs no keyboard on the screen.
  go(index, byPointer = false) {
    if (byPointer && matchMedia("(pointer: coarse)").matches) {
      this.choose(index);
      const box = this.find(".table-scroll"), cell = this.inputs[index].parentNode;
      box.scrollTo({ left: cell.offsetLeft - box.clientWidth / 2, top: cell.offsetTop - box.clientHeight / 2 });
    } else this.inputs[index].focus();
  }

  // To the next cell that is open; once all are looked at, to the next that was unsure.
  walk(by, from = this.at) {
    const count = this.cells.length;
    for (const wanted of [(cell) => this.open(cell), (cell) => !cell.sure]) {
      for (let step = 1; step < count; step += 1) {
        const index = (((from + by * step) % count) + count) % count;
        if (wanted(this.cells[index])) return this.go(index, true);
      }
    }
    return undefined;
  }

  type(index, value) {
    Object.assign(this.cells[index], { text: value.trim(), seen: true });
    this.changed(index);
  }

  set(index, text) {
    this.inputs[index].value = text;
    this.type(index, text);
    if (this.hasFocus()) this.inputs[index].select();
  }

  changed(index) {
    const { value } = this.inputs[index];
    this.paint(index);
    // a space that is being typed is not taken away under the finger
    if (this.hasFocus() && value.trim() === this.cells[index].text) this.inputs[index].value = value;
    this.paintDesk();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(), 200);
  }

  confirm() {
    this.cells[this.at].seen = true;
    this.changed(this.at);
    const left = this.cells.some((cell) => this.open(cell));
    if (left) this.walk(1);
    else if (this.hasFocus()) this.go(Math.min(this.at + 1, this.cells.length - 1));
  }

  hasFocus() {
    return this.inputs.includes(this.find("table").getRootNode().activeElement);
  }

  edits() {
    return Object.fromEntries(
      this.cells.flatMap((cell, index) => (cell.seen ? [[index, cell.text]] : [])),
    );
  }

  // all of them each time: what comes later replaces what Python has not read yet
  tell() {
    clearTimeout(this.timer);
    this.timer = null;
    const texts = this.edits();
    keep(this.data.id, texts);
    this.send("edits", { id: this.data.id, texts });
  }

  press(event) {
    const { rows, columns } = this.data, step = STEPS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation(); // Streamlit has keys of its own
    if (step) {
      const row = Math.floor(this.at / columns) + step[0], column = (this.at % columns) + step[1];
      const inside = row >= 0 && row < rows && column >= 0 && column < columns;
      if (inside) this.go(row * columns + column);
    } else if (event.key === "Enter") {
      if (event.shiftKey) this.walk(-1);
      else this.confirm();
    } else if (event.key === "PageDown") this.walk(1);
    else if (event.key === "PageUp") this.walk(-1);
    else if (event.key === "Escape") {
      Object.assign(this.cells[this.at], { text: this.cells[this.at].read, seen: false });
      this.changed(this.at);
    } else return;
    event.preventDefault();
  }

  makeHandles() {
    this.handles = NAMES.map((name, number) => {
      const handle = make("button", "handle");
      handle.setAttribute("aria-label", name);
      handle.hidden = true;
      const to = (x, y) => {
        this.corners[number] = [x, y].map((side) => Math.min(Math.max(side, 0), 1));
        this.paintCorners();
      };
      handle.onpointerdown = (event) => handle.setPointerCapture(event.pointerId);
      handle.onpointermove = (event) => {
        if (!handle.hasPointerCapture(event.pointerId)) return;
        const box = this.find(".stage").getBoundingClientRect();
        to((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
      };
      handle.onkeydown = (event) => {
        const step = STEPS[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        const size = event.shiftKey ? 0.02 : 0.004, [x, y] = this.corners[number];
        to(x + size * step[1], y + size * step[0]);
      };
      return handle;
    });
    this.find(".stage").append(...this.handles);
  }

  move(moving) {
    this.moving = moving;
    const button = this.find(".corners");
    button.hidden = !this.cells.length;
    button.setAttribute("aria-expanded", moving);
    this.find(".sheet").classList.toggle("moving", moving);
    for (const node of [this.find(".form"), this.find(".seen .hint"), ...this.handles]) node.hidden = !moving;
    this.paintCorners();
  }

  paintCorners() {
    this.handles.forEach((handle, number) => {
      handle.style.left = `${100 * this.corners[number][0]}%`;
      handle.style.top = `${100 * this.corners[number][1]}%`;
    });
    const place = onto(this.corners), parts = [];
    const lines = (count, line) => {
      for (let number = 0; number <= count; number += 1) {
        parts.push(`M${placed([line(number / count, 0)])}L${placed([line(number / count, 1)])}`);
      }
    };
    const [rows, columns] = [".rows", ".columns"].map((name) => this.count(name));
    lines(columns, (share, end) => place(share, end));
    lines(rows, (share, end) => place(end, share));
    this.preview.setAttribute("d", this.moving ? parts.join("") : "");
  }

  count(name) {
    return Math.min(Math.max(Math.round(Number(this.find(name).value)) || 1, 1), 200);
  }

  sendCorners(corners) {
    this.trigger("corners", {
      id: this.data.id, corners, rows: this.count(".rows"), columns: this.count(".columns"),
    });
  }
}

export default function ({ parentElement, data: { json, edits }, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".sheet");
  if (!boards.has(root)) boards.set(root, new Board(parentElement));
  boards.get(root).update(json, JSON.parse(edits), setStateValue, setTriggerValue);
}
