// A canvas that the browser owns: what is drawn, taken back or cleared is seen at once, and Python
// hears of it afterwards. The drawing outlives reruns, other screens and a reload of this tab.

const MOST_UNDONE = 100;
const ERASER = 9; // radius, pixels; it takes half the pen's width more, as far as ink reaches
// The answer while the pen moves is asked for every OFTEN milliseconds at most, and not before the
// page has rested for as long as the last answer took: the pen may be lifted at any time, and then
// nothing is to be in its way. Where answers take longer than SLOW, it rests four times as long,
// but no longer than LONG: the first answer of all may have loaded a model.
const OFTEN = 100, SLOW = 300, LONG = 2000;
const boards = new WeakMap(); // Streamlit calls the function below again whenever `data` changes

class Board {
  constructor(root, name) {
    this.canvas = root.querySelector("canvas");
    this.pen = root.querySelector("input");
    this.shownPen = root.querySelector("output");
    this.buttons = Object.fromEntries([...root.querySelectorAll("button")].map((b) => [b.name, b]));
    this.store = `inkling-canvas-${name}`;
    this.strokes = []; // [{ points: [[x, y], …], pressure: [0-1, …] }, …] in canvas pixels
    this.before = []; // drawings that Undo returns to, and Redo
    this.after = [];
    this.stroke = null; // the one that is being drawn
    this.pointers = new Set(); // fingers that are down
    this.erasing = false;
    this.serial = Date.now(); // of what was sent last: no other board of this name had it
    this.asked = -Infinity; // when that was
    this.took = 0; // how long the last answer did, milliseconds
    this.listen();
    this.sized = new ResizeObserver(() => this.fit());
    this.sized.observe(this.canvas.parentElement);
    this.answered = ({ detail }) => this.hear(detail);
    addEventListener("inkling-answered", this.answered);
  }

  leave() {
    if (this.stroke) this.end();
    this.sized.disconnect();
    removeEventListener("inkling-answered", this.answered);
  }

  // what Python wants: size, colours, and perhaps other strokes
  update(data, send) {
    const first = !this.data;
    this.data = data;
    this.send = (underWay) => {
      this.serial += 1;
      this.waiting = data.live;
      this.asked = performance.now();
      send("drawing", this.drawing(underWay));
    };
    const { smallest, largest } = data.pen;
    this.pen.closest("label").hidden = smallest === largest;
    Object.assign(this.pen, { min: smallest, max: largest });
    if (first) {
      const saved = this.saved();
      this.strokes = saved.strokes ?? [];
      this.size = saved.size;
      this.put = saved.put;
      this.pen.value = data.pen.asked ?? saved.pen ?? data.pen.usual;
    }
    const isNew = data.put && data.put.id !== this.put;
    if (isNew) {
      this.put = data.put.id;
      const strokes = data.put.strokes.map((points) => ({ points, pressure: points.map(() => 0.5) }));
      if (first && !this.strokes.length) this.strokes = strokes;
      else this.change(strokes, { tell: false });
      const { pen, size } = data.put;
      if (pen) this.pen.value = pen;
      if (size) this.size = { height: size[0], width: size[1] };
    }
    this.fit();
    if (isNew || (first && this.strokes.length)) this.tell();
  }

  drawing(underWay = false) {
    const { width, height } = this.size;
    const strokes = underWay ? [...this.strokes, this.stroke] : this.strokes;
    return {
      serial: this.serial,
      under_way: underWay,
      strokes: strokes.map((stroke) => [...stroke.points]),
      pressure: strokes.map((stroke) => [...stroke.pressure]),
      pen: Number(this.pen.value),
      size: [height, width],
    };
  }

  saved() {
    try {
      return JSON.parse(sessionStorage.getItem(this.store)) ?? {};
    } catch {
      return {}; // storage may be forbidden
    }
  }

  // keep the drawing in this tab, and let Python know
  tell() {
    try {
      const { strokes, size, put } = this;
      const kept = { strokes, size, put, pen: Number(this.pen.value) };
      sessionStorage.setItem(this.store, JSON.stringify(kept));
    } catch {} // full or forbidden: the drawing lives as long as the page
    this.send(false);
  }

  // Ask for the answer to the stroke so far, unless one is on its way. It is kept nowhere.
  askAhead() {
    const { stroke, took } = this, pause = Math.min(took * (took > SLOW ? 5 : 2), LONG);
    if (this.waiting || performance.now() - this.asked < Math.max(OFTEN, pause)) return;
    const [[x, y], [u, v]] = [stroke.told ?? stroke.points[0], stroke.points.at(-1)];
    if (Math.hypot(u - x, v - y) < Number(this.pen.value) / 2) return; // a dot, or it rests
    stroke.told = stroke.points.at(-1);
    this.send(true);
  }

  // The page has answered what was sent with this number.
  hear(serial) {
    if (!this.waiting || serial !== this.serial) return;
    this.waiting = false;
    this.took = performance.now() - this.asked;
  }

  change(strokes, { tell = true } = {}) {
    this.before = [...this.before, this.strokes].slice(-MOST_UNDONE);
    this.after = [];
    this.show(strokes, tell);
  }

  step(from, to) {
    if (!from.length) return;
    to.push(this.strokes);
    this.show(from.pop(), true);
  }

  show(strokes, tell) {
    this.strokes = strokes;
    if (!strokes.length) this.erasing = false;
    this.fit();
    if (tell) this.tell();
  }

  // An empty canvas takes the room there is; a drawing keeps its size, shrunk if need be. One that
  // scales always has its size, and is shown as large as there is room.
  fit() {
    if (!this.data) return;
    const room = this.canvas.parentElement.clientWidth - 2;
    if (room <= 0) return;
    if (!this.size || !(this.strokes.length || this.stroke)) {
      const most = this.data.scales ? Infinity : room;
      this.size = { width: Math.min(this.data.width, most), height: this.data.height };
    }
    const { width, height } = this.size;
    const scale = Math.min(this.data.scales ? Infinity : 1, room / width);
    const dense = scale * (window.devicePixelRatio || 1);
    this.canvas.style.width = `${width * scale}px`;
    this.canvas.style.height = `${height * scale}px`;
    this.canvas.width = Math.round(width * dense);
    this.canvas.height = Math.round(height * dense);
    this.dense = dense;
    this.paint();
  }

  paint() {
    const context = this.canvas.getContext("2d");
    context.setTransform(this.dense, 0, 0, this.dense, 0, 0);
    context.fillStyle = this.data.paper;
    context.fillRect(0, 0, this.size.width, this.size.height);
    for (const stroke of this.strokes) this.trace(stroke.points);
    if (this.stroke?.erases) this.ring(this.stroke.points.at(-1));
    else if (this.stroke) this.trace(this.stroke.points);
    this.shownPen.value = this.pen.value;
    this.buttons.undo.disabled = !this.before.length && !this.strokes.length;
    this.buttons.redo.disabled = !this.after.length;
    this.buttons.clear.disabled = !this.strokes.length;
    this.buttons.erase.disabled = !this.strokes.length && !this.stroke;
    this.buttons.erase.setAttribute("aria-pressed", this.erasing);
    this.canvas.dataset.strokes = this.strokes.length;
  }

  trace(points) {
    const context = this.canvas.getContext("2d");
    Object.assign(context, { lineCap: "round", lineJoin: "round" });
    Object.assign(context, { strokeStyle: this.data.ink, lineWidth: Number(this.pen.value) });
    context.beginPath();
    context.moveTo(...points[0]);
    for (const point of points.length > 1 ? points.slice(1) : points) context.lineTo(...point);
    context.stroke();
  }

  // where the eraser is
  ring(point) {
    const context = this.canvas.getContext("2d");
    Object.assign(context, { strokeStyle: this.data.ink, lineWidth: 1.5 });
    context.beginPath();
    context.arc(...point, ERASER, 0, 2 * Math.PI);
    context.stroke();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.size.width / (box.width - 2); // less its border
    const round = (value) => Math.round(100 * value) / 100;
    return [round((event.clientX - box.left - 1) * scale), round((event.clientY - box.top - 1) * scale)];
  }

  add(event) {
    const point = this.place(event), { points, pressure } = this.stroke, last = points.at(-1);
    if (last && Math.hypot(point[0] - last[0], point[1] - last[1]) < 0.5) return;
    points.push(point);
    pressure.push(Math.round(100 * event.pressure) / 100);
    if (!this.stroke.erases) return;
    const reach = ERASER + Number(this.pen.value) / 2;
    this.strokes = rubbed(this.strokes, last ?? point, point, reach);
  }

  // One pointer draws. A second finger makes it a pinch, which is no stroke until all are lifted.
  listen() {
    const down = (event) => {
      const tail = event.button === 5 || (event.buttons & 32) > 0; // of a pen: its eraser
      if (event.button !== 0 && !tail) return;
      if (event.pointerType === "touch") this.pointers.add(event.pointerId);
      if (this.stroke || this.pointers.size > 1) {
        if (this.stroke?.type === "touch" && event.pointerType === "pen") this.pointers.clear();
        else if (event.pointerType === this.stroke?.type) return this.drop();
        else return; // a palm beside the pen
      }
      this.canvas.setPointerCapture(event.pointerId);
      const { pointerId: id, pointerType: type } = event;
      const erases = this.erasing || tail;
      this.stroke = { id, type, erases, before: this.strokes, points: [], pressure: [] };
      this.add(event);
      if (this.data.live && !erases) this.stroke.timer = setInterval(() => this.askAhead(), 25);
      this.paint();
    };
    const move = (event) => {
      if (event.pointerId !== this.stroke?.id) return;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length ? events : [event]) this.add(each);
      this.paint();
    };
    const up = (event) => {
      this.pointers.delete(event.pointerId);
      if (event.pointerId !== this.stroke?.id) return;
      this.add(event);
      const { erases, before, points, pressure } = this.end();
      const strokes = erases ? this.strokes : [...before, { points, pressure }];
      this.strokes = before;
      if (strokes !== before) this.change(strokes);
      else this.paint();
    };
    const cancel = (event) => {
      this.pointers.delete(event.pointerId);
      if (event.pointerId === this.stroke?.id) this.drop();
    };
    const listeners = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: cancel };
    for (const [name, listener] of Object.entries(listeners)) {
      this.canvas.addEventListener(name, listener);
    }
    // what a touch would do to the page: scroll it, mark text, open a menu
    for (const name of ["touchstart", "contextmenu"]) {
      this.canvas.addEventListener(name, (event) => event.preventDefault(), { passive: false });
    }
    const { undo, redo, erase, clear } = this.buttons;
    undo.onclick = () => this.undo();
    redo.onclick = () => this.step(this.after, this.before);
    clear.onclick = () => this.strokes.length && this.change([]);
    erase.onclick = () => {
      this.erasing = !this.erasing;
      this.paint();
    };
    this.pen.oninput = () => this.paint();
    this.pen.onchange = () => this.tell();
    this.canvas.onkeydown = (event) => {
      const command = event.ctrlKey || event.metaKey;
      if (command && event.key.toLowerCase() === "z") event.shiftKey ? redo.click() : undo.click();
      else if (command && event.key.toLowerCase() === "y") redo.click();
      else if (event.key === "Delete" || event.key === "Backspace") clear.click();
      else if (event.key.toLowerCase() === "e" && !command) erase.click();
      else return;
      event.preventDefault();
    };
  }

  end() {
    const { stroke } = this;
    clearInterval(stroke.timer);
    this.stroke = null;
    return stroke;
  }

  drop() {
    const { before, told } = this.end();
    this.strokes = before;
    if (told) this.send(false);
    this.paint();
  }

  undo() {
    // after a reload nothing is known of the steps, but the strokes are
    if (!this.before.length) this.before = this.strokes.map((_, n) => this.strokes.slice(0, n));
    this.step(this.before, this.after);
  }
}

export default function ({ parentElement, data: { json }, setStateValue }) {
  const data = JSON.parse(json);
  const canvas = parentElement.querySelector("canvas");
  if (!boards.has(canvas)) boards.set(canvas, new Board(parentElement, data.name));
  const board = boards.get(canvas);
  board.update(data, setStateValue);
  return () => board.leave();
}
