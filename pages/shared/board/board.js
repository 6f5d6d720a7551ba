// Pictures that are decided on by keyboard, by touch or by mouse. What is decided is seen at once and
// sent at once; it counts as saved when Python says that it is kept, and is sent until then.

const boards = new WeakMap(); // Streamlit calls the function below again whenever `data` changes

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
    this.steps ??= data.steps;
    this.values = new Map(data.tiles.map((tile) => [tile.name, tile.value]));
    for (const { name, value } of this.log) this.values.set(name, value);
    if (turned) this.build();
    this.paint();
    if (server && this.log.length) this.tell();
  }

  build() {
    const { tiles, actions, desk } = this.data, focused = this.hasFocus();
    this.leaving = false;
    this.turn = null;
    this.cursor = this.from < 0 ? tiles.length - 1 : 0;
    this.from = 0;
    this.tiles = tiles.map((tile, index) => {
      const button = make("button", "tile");
      button.append(make("span", "picture"), make("span", "badge"), make("span", "caption", tile.caption));
      button.onclick = () => { this.move(index); this.open?.(tile.name); };
      return button;
    });
    this.find(".tiles").replaceChildren(...this.tiles);
    this.find(".desk").hidden = !desk;
    const others = [
      { value: "skip", title: "Skip", key: "→" },
      { value: "undo", title: "Undo", key: "⌫" },
    ]; // meant for the desk, as no picture can have these values
    if (tiles.some(({ suggested }) => suggested)) {
      others.unshift({ value: "suggested", title: "As suggested", key: "Space" });
    }
    const titled = [...others, ...actions].filter(({ title }) => title);
    this.buttons = titled.map(({ value, title, key }) => {
      const button = make("button", "action", title);
      button.dataset.value = value;
      if (key) button.append(make("kbd", "", key));
      button.onmousedown = (event) => event.preventDefault(); // the tile stays in focus
      button.onclick = () => this.act(value);
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
      const { name, caption } = tiles[index], value = this.values.get(name);
      button.querySelector(".badge").textContent = this.word(value);
      button.classList.toggle("faded", !!this.actionOf.get(value)?.fades);
      button.classList.toggle("unsaved", unsaved.has(name));
      button.classList.toggle("current", index === this.cursor);
      button.classList.toggle("opened", name === opened);
      button.tabIndex = index === this.cursor ? 0 : -1;
      button.setAttribute("aria-label", [caption, this.word(value)].filter(Boolean).join(", "));
    });
    if (tiles.length && this.data.desk) this.paintDesk(tiles[this.cursor]);
  }

  paintDesk({ name, title, note }) {
    const value = this.values.get(name), count = this.log.length;
    this.find(".what").textContent = [title, this.word(value)].filter(Boolean).join(", ");
    this.find(".note").textContent = note;
    this.find(".large").setAttribute("aria-label", note);
    this.place?.(this.find(".large"), this.cursor);
    for (const button of this.buttons) {
      if (this.actionOf.has(button.dataset.value)) {
        button.setAttribute("aria-pressed", button.dataset.value === value);
      }
    }
    this.find(".saved").textContent =
      count ? `${count} not saved yet` : this.last ? "All saved" : "";
  }

  word(value) {
    return this.actionOf.get(value)?.word ?? "";
  }

  move(to) {
    this.cursor = Math.min(Math.max(to, 0), this.tiles.length - 1);
    this.paint();
    this.focus();
  }

  // One picture on, or a page: nothing is decided on a picture that nobody has seen yet.
  step(by) {
    const to = this.cursor + by, inside = to >= 0 && to < this.tiles.length;
    if (inside) return this.move(to);
    if (!(by < 0 ? this.data.before : this.data.after)) return this.move(this.cursor);
    this.leaving = true;
    this.from = by;
    this.tell({ page: this.data.page, by: Math.sign(by) });
  }

  decide(name, value) {
    this.last += 1;
    this.values.set(name, value);
    this.log.push({ number: this.last, name, value, undo: false });
  }

  act(value) {
    if (this.leaving) return;
    if (value === "undo") return this.undo();
    const { name, suggested } = this.data.tiles[this.cursor];
    if (value === "suggested") value = suggested || "skip";
    if (value !== "skip") {
      this.steps.push([name, this.values.get(name)]);
      this.decide(name, value);
      this.tell();
    }
    this.step(1);
  }

  undo() {
    const step = this.steps.pop();
    if (!step) return;
    this.decide(...step);
    this.log.at(-1).undo = true;
    this.tell();
    const index = this.data.tiles.findIndex(({ name }) => name === step[0]);
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

  press(event) {
    if (this.open && ["Enter", " "].includes(event.key)) return; // a press of the button
    const columns = getComputedStyle(this.find(".tiles")).gridTemplateColumns.split(" ").length;
    const undo = event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey));
    if (!undo && (event.ctrlKey || event.metaKey || event.altKey)) return;
    const rows = { ArrowUp: -columns, ArrowDown: columns }[event.key];
    const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const { actions, desk } = this.data;
    const action = actions.find(({ keys }) => keys.includes(event.key));
    const value = desk && event.key === " " ? "suggested" : action?.value;
    if (!undo && !rows && !steps && value === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has keys of its own
    if (this.leaving) return;
    if (undo) this.undo();
    else if (rows) this.move(this.cursor + rows);
    else if (steps) this.step(steps);
    else this.act(value);
  }
}

export default function ({ parentElement, data: { json }, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".tiles");
  if (!boards.has(root)) boards.set(root, new Board(parentElement));
  const open = (name) => setTriggerValue("opened", name);
  boards.get(root).update(JSON.parse(json), setStateValue, open);
}
