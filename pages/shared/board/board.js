// Pictures that are decided on by keyboard, by touch or by mouse. What is decided is seen at once and
// sent at once; it counts as saved when Python says that it is kept, and is sent until then.

const boards = new WeakMap(); // Streamlit calls the function below again whenever `data` changes
const SEVERAL = /^\d{2,}$/; // keys that are typed digit by digit
const PAUSE = 20_000; // ms: who does nothing for longer is not at work

const make = (tag, className, text = "") => {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  if (tag === "button") node.type = "button";
  return node;
};

class Board {
  constructor(root) {
    this.find = (selector) => root.querySelector(selector);
    this.run = Math.random().toString(36).slice(2);
    this.log = []; // decisions that are not known to be on disk
    this.last = 0;
    this.sent = 0;
    this.cursor = 0;
    this.tiles = [];
    this.typed = ""; // of a key of several characters
    this.pace = { keys: 0, labels: 0, worked: 0, at: 0 };
    this.find(".tiles").onkeydown = (event) => this.press(event);
    const hear = (name, heard) => {
      const listener = (event) => {
        if (root.isConnected) heard(event);
        else removeEventListener(name, listener); // the page is another one now
      };
      addEventListener(name, listener);
    };
    hear("inkling-pictures", () => this.paintPictures());
    hear("beforeunload", (event) => { if (this.log.length) event.preventDefault(); });
  }

  update(data, send, open) {
    this.send = send;
    this.open = data.opens ? open : null;
    const turned = this.data?.page !== data.page;
    const server = this.data && this.data.server !== data.server; // it was started anew
    this.data = data;
    this.actionOf = new Map(data.actions.map((action) => [action.value, action]));
    const taken = data.taken.run === this.run ? data.taken.number : 0;
    this.log = this.log.filter((entry) => entry.number > taken);
    this.steps ??= data.steps.map((step) => [step]);
    this.values = new Map(data.tiles.map((tile) => [tile.name, tile.value]));
    for (const { name, value } of this.log) this.values.set(name, value);
    if (turned) this.build();
    this.paint();
    if (server && this.log.length) this.tell();
  }

  build() {
    const { tiles, rows, actions, desk } = this.data, focused = this.hasFocus();
    this.leaving = false;
    this.turn = null;
    this.typed = "";
    this.cursor = this.from < 0 ? tiles.length - 1 : 0;
    this.from = 0;
    this.tiles = tiles.map((tile, index) => {
      const button = make("button", "tile");
      button.dataset.name = tile.name;
      button.append(make("span", "picture"), make("span", "badge"), make("span", "caption", tile.caption));
      button.onclick = () => { this.count(); this.move(index); this.open?.(tile.name); };
      return button;
    });
    this.rows = rows.map((title, row) => {
      const group = make("div", "row"), grid = make("div", "grid");
      grid.append(...this.tiles.filter((_, index) => tiles[index].row === row));
      group.append(make("p", "proposed", title), grid);
      return group;
    });
    this.find(".tiles").classList.toggle("in-rows", rows.length > 0);
    this.find(".tiles").replaceChildren(...(rows.length ? this.rows : this.tiles));
    this.find(".desk").hidden = !desk;
    // meant for the desk or the row, as no picture can have these values
    const others = [
      { value: "skip", title: "Skip", key: "→" },
      { value: "undo", title: "Undo", key: "⌫" },
    ];
    if (rows.length) others[0] = { value: "pass", title: "Skip row", key: "↓" };
    if (tiles.some(({ suggested }) => suggested)) {
      others.unshift(rows.length
        ? { value: "confirm", title: "Confirm row", key: "Enter" }
        : { value: "suggested", title: "As suggested", key: "Space" });
    }
    const titled = [...others, ...actions].filter(({ title }) => title);
    this.buttons = titled.map(({ value, title, key }) => {
      const button = make("button", "action", title);
      button.dataset.value = value;
      const taken = rows.length > 0 && key === "Enter" && value !== "confirm";
      if (key && key !== title && !taken) button.append(make("kbd", "", key));
      button.onmousedown = (event) => event.preventDefault(); // the tile stays in focus
      button.onclick = () => { this.count(); this.act(value); };
      return button;
    });
    this.find(".actions").replaceChildren(...this.buttons);
    this.paintPictures();
    // the keyboard is there at once, but never taken from what somebody types into
    const idle = desk && document.activeElement === document.body;
    if (focused || idle) this.focus({ preventScroll: !focused });
  }

  focus(options) {
    this.tiles[this.cursor]?.focus(options);
  }

  hasFocus() {
    return this.find(".tiles").contains(this.find(".tiles").getRootNode().activeElement);
  }

  paintPictures() {
    const shown = window.inklingPictures, { page, columns, cell } = this.data;
    if (shown?.page !== page) return; // they come with another message
    this.atlas = shown.atlas;
    const rows = Math.ceil(this.tiles.length / columns);
    const share = (at, of) => (of > 1 ? `${(100 * at) / (of - 1)}%` : "0");
    this.place = (node, index) => {
      node.style.backgroundImage = `url(${this.atlas})`;
      node.style.backgroundSize = `${100 * columns}% ${100 * rows}%`;
      node.style.backgroundPosition =
        `${share(index % columns, columns)} ${share(Math.floor(index / columns), rows)}`;
    };
    this.tiles.forEach((tile, index) => this.place(tile.querySelector(".picture"), index));
    for (const name of [".tiles", ".large"]) this.find(name).classList.toggle("few", cell <= 64);
    this.paint();
  }

  paint() {
    const { tiles, opened } = this.data, unsaved = new Set(this.log.map(({ name }) => name));
    this.tiles.forEach((button, index) => {
      const { name, caption, suggested } = tiles[index], value = this.values.get(name);
      const typing = this.typed && index === this.cursor, said = typing ? `${this.typed}…` : this.word(value);
      // in a confirmed row only exceptions need words
      button.querySelector(".badge").textContent = this.rows.length && value === suggested && !typing ? "✓" : said;
      button.classList.toggle("faded", !!this.actionOf.get(value)?.fades);
      button.classList.toggle("unsaved", unsaved.has(name));
      button.classList.toggle("current", index === this.cursor);
      button.classList.toggle("opened", name === opened);
      button.tabIndex = index === this.cursor ? 0 : -1;
      button.setAttribute("aria-label", [caption, said].filter(Boolean).join(", "));
    });
    this.rows.forEach((group, row) => {
      group.classList.toggle("current-row", row === tiles[this.cursor]?.row);
      group.classList.toggle("done", !this.left(row).length);
    });
    if (tiles.length && this.data.desk) this.paintDesk(tiles[this.cursor]);
  }

  paintDesk({ name, title, note, likely }) {
    const value = this.values.get(name), count = this.log.length;
    this.find(".what").textContent = [title, this.word(value)].filter(Boolean).join(", ");
    this.find(".note").textContent = note;
    this.find(".large").setAttribute("aria-label", note);
    this.place?.(this.find(".large"), this.cursor);
    for (const button of this.buttons) {
      const own = button.dataset.value, place = likely.indexOf(own);
      button.style.order = this.actionOf.has(own) ? (place < 0 ? likely.length : place) : -1;
      if (this.actionOf.has(own)) button.setAttribute("aria-pressed", own === value);
    }
    const saved = count ? `${count} not saved yet` : this.last ? "All saved" : "";
    this.find(".saved").textContent = this.rows.length ? [saved, this.paceSoFar()].join(" ") : saved;
  }

  word(value) {
    return this.actionOf.get(value)?.word ?? "";
  }

  // Pictures of a row that nobody has decided on: their indices.
  left(row) {
    const open = ({ name }) => !this.actionOf.has(this.values.get(name));
    return this.data.tiles.flatMap((tile, index) => (tile.row === row && open(tile) ? [index] : []));
  }

  count() {
    const now = Date.now(), { pace } = this;
    pace.keys += 1;
    if (pace.at) pace.worked += Math.min(now - pace.at, PAUSE);
    pace.at = now;
  }

  paceSoFar() {
    const { keys, labels, worked } = this.pace;
    if (labels < 1 || worked < 1) return "";
    return `· ${Math.round((60_000 * labels) / worked)} labels a minute, ` +
      `${(keys / labels).toFixed(2)} keys a label`;
  }

  move(to) {
    this.settle();
    this.cursor = Math.min(Math.max(to, 0), this.tiles.length - 1);
    this.paint();
    this.focus();
  }

  // One picture on, or a page: nothing is decided on a picture that nobody has seen yet.
  step(by) {
    const to = this.cursor + by, inside = to >= 0 && to < this.tiles.length;
    if (inside) return this.move(to);
    this.settle();
    if (!(by < 0 ? this.data.before : this.data.after)) return this.move(this.cursor);
    this.leaving = true;
    this.from = by;
    this.tell({ page: this.data.page, by: Math.sign(by) });
  }

  // The next row, or with `open` the next that is not decided on yet; after the last one a page.
  stepRow(by, open = false) {
    this.settle();
    const { row } = this.data.tiles[this.cursor], next = row + by;
    if (next >= 0 && next < this.rows.length) {
      const [first] = this.left(next);
      this.cursor = first ?? this.data.tiles.findIndex((tile) => tile.row === next);
      if (open && first === undefined) return this.stepRow(by, open);
      return this.move(this.cursor);
    }
    this.step(by < 0 ? 0 : this.tiles.length);
  }

  decide(name, value, undo = false) {
    const had = this.actionOf.has(this.values.get(name)), has = this.actionOf.has(value);
    this.pace.labels += has - had;
    this.last += 1;
    this.values.set(name, value);
    this.log.push({ number: this.last, name, value, undo });
  }

  // Give each of these pictures, [name, value], its value; taken back together.
  decideAll(values) {
    this.steps.push(values.map(([name]) => [name, this.values.get(name)]));
    for (const [name, value] of values) this.decide(name, value);
    this.tell();
  }

  confirm() {
    this.settle();
    const { tiles } = this.data, left = this.left(tiles[this.cursor].row);
    const values = left.map((index) => [tiles[index].name, tiles[index].suggested]);
    if (values.length) this.decideAll(values.filter(([, value]) => value));
    this.stepRow(1, true);
  }

  act(value) {
    if (this.leaving) return;
    if (value === "undo") return this.undo();
    if (value === "confirm") return this.confirm();
    if (value === "pass") return this.stepRow(1);
    this.typed = "";
    const { name, suggested } = this.data.tiles[this.cursor];
    if (value === "suggested") value = suggested || "skip";
    if (value !== "skip") this.decideAll([[name, value]]);
    this.advance();
  }

  // To the next picture, in rows to the next that nobody has decided on.
  advance() {
    if (!this.rows.length) return this.step(1);
    const left = this.left(this.data.tiles[this.cursor].row);
    if (!left.length) return this.stepRow(1, true); // exceptions alone: nothing is to be confirmed
    this.move(left.find((index) => index > this.cursor) ?? left[0]);
  }

  undo() {
    this.typed = "";
    const step = this.steps.pop();
    if (!step) return;
    for (const [name, value] of step) this.decide(name, value, true);
    this.tell();
    const index = this.data.tiles.findIndex(({ name }) => name === step[0][0]);
    if (index >= 0) this.move(index);
    else this.paint();
  }

  // the whole log each time: what comes later replaces what Python has not read yet; numbered, as
  // Streamlit does not pass on what it has received before
  tell(turn = null) {
    this.turn = turn ?? this.turn;
    this.sent += 1;
    const { run, sent } = this;
    this.send("log", { run, sent, entries: [...this.log], turn: this.turn ?? null });
  }

  // A key of several characters: what was typed so far, and the action that it is the key of.
  type(key) {
    if (key.length > 1 || (!this.typed && !this.goesOn(key))) return false;
    const typed = this.typed + key;
    if (this.goesOn(typed)) {
      this.typed = typed;
      this.paint();
      return true;
    }
    if (this.valueOf(typed) === undefined) {
      this.settle();
      this.advance();
      return this.type(key);
    }
    this.act(this.valueOf(typed));
    return true;
  }

  goesOn(typed) {
    const longer = (key) => SEVERAL.test(key) && key.length > typed.length && key.startsWith(typed);
    return this.data.actions.some(({ keys }) => keys.some(longer));
  }

  valueOf(key) {
    return this.data.actions.find(({ keys }) => keys.includes(key))?.value;
  }

  // What was typed so far is all of it.
  settle() {
    const { typed } = this, value = this.valueOf(typed);
    this.typed = "";
    if (typed && value !== undefined) this.decideAll([[this.data.tiles[this.cursor].name, value]]);
  }

  press(event) {
    if (this.open && ["Enter", " "].includes(event.key)) return; // a press of the button
    const inRows = this.rows.length > 0;
    const columns = getComputedStyle(this.find(".tiles")).gridTemplateColumns.split(" ").length;
    const undo = event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey));
    if (!undo && (event.ctrlKey || event.metaKey || event.altKey)) return;
    const rows = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const suggest = this.data.desk && (event.key === " " || (inRows && event.key === "Enter"));
    const value = suggest ? (inRows ? "confirm" : "suggested") : this.valueOf(event.key);
    const typing = event.key.length === 1 && !suggest && this.goesOn(event.key);
    if (!undo && !rows && !steps && value === undefined && !typing && !this.typed) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has keys of its own
    if (this.leaving || (event.repeat && value === "confirm")) return;
    this.count();
    if (this.typed && event.key === "Backspace") {
      this.typed = this.typed.slice(0, -1);
      return this.paint();
    }
    if (this.typed && !inRows && ["Enter", " "].includes(event.key)) {
      this.settle();
      return this.advance();
    }
    if (undo) this.undo();
    else if (rows && inRows) this.stepRow(rows);
    else if (rows) this.move(this.cursor + rows * columns);
    else if (steps) this.step(steps);
    else if (!suggest && this.type(event.key)) return;
    else if (value !== undefined) this.act(value);
  }
}

export default function ({ parentElement, data: { json }, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".tiles");
  if (!boards.has(root)) boards.set(root, new Board(parentElement));
  const open = (name) => setTriggerValue("opened", name);
  boards.get(root).update(JSON.parse(json), setStateValue, open);
}
