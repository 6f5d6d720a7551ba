// A glyph whose points are dragged. What follows from a point is redrawn here while it moves;
// Python hears of it when the point is let go, and answers with the ink.

const NS = "http://www.w3.org/2000/svg";
const REACH = 24; // pixels from a point within which a finger or a mouse takes it
const STEPS = { ArrowLeft: [0, -0.5], ArrowRight: [0, 0.5], ArrowUp: [-0.5, 0], ArrowDown: [0.5, 0] };
const editors = new WeakMap(); // Streamlit calls the function below again whenever `data` changes

const add = (parent, tag, attributes) => {
  const node = document.createElementNS(NS, tag);
  set(node, attributes);
  parent.appendChild(node);
  return node;
};
const set = (node, attributes) => {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
};
const within = (value) => Math.min(30, Math.max(-2, value));
const xy = ([row, column]) => `${column.toFixed(3)} ${row.toFixed(3)}`;

class Editor {
  constructor(svg) {
    this.svg = svg;
    this.sent = 0;
    svg.addEventListener("pointerdown", (event) => this.take(event));
    svg.addEventListener("pointermove", (event) => this.drag(event));
    svg.addEventListener("pointerup", () => this.letGo());
    svg.addEventListener("pointercancel", () => this.letGo());
    svg.addEventListener("keydown", (event) => this.press(event));
    // a touch would scroll the page
    svg.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  }

  // What Python says. It knows nothing yet of what was moved since its last word.
  update(data, send) {
    this.send = send;
    if (this.held) {
      this.news = data;
      return;
    }
    const before = this.data;
    const other = !before || ["label", "variant", "names", "curves"].some(
      (name) => JSON.stringify(before[name]) !== JSON.stringify(data[name])
    );
    this.data = data;
    if (other) this.sent = data.number;
    if (other || data.number >= this.sent) {
      this.moves = Object.fromEntries(data.names.map((name) => [name, data.moves[name] ?? [0, 0]]));
    }
    if (other) this.build();
    this.image.setAttribute("href", data.image);
    this.paint();
  }

  build() {
    const { svg, data } = this;
    svg.replaceChildren();
    this.image = add(svg, "image", { x: 0, y: 0, width: 28, height: 28, class: "ink" });
    this.discs = data.rest.map(() => add(svg, "circle", { class: "disc" }));
    this.curves = data.curves.map(() => add(svg, "path", { class: "curve" }));
    this.handles = data.curves.map(() => add(svg, "path", { class: "handle" }));
    this.dots = data.rest.map((_, index) => {
      const own = index < data.names.length;
      const dot = add(svg, "circle", { r: 0.42, class: own ? "point own" : "point" });
      if (own) set(dot, { tabindex: 0, role: "button" });
      return dot;
    });
  }

  // Where the points are: as `points_in_pixels` of core/synthesis/path.py places them.
  place() {
    const { rest, of, spread, thrown, radius, names, moves: known } = this.data;
    const points = [];
    this.reach = [];
    rest.forEach(([row, column], index) => {
      const moved = this.moves[names[index]] ?? [0, 0], was = known[names[index]] ?? [0, 0];
      row += moved[0] - was[0];
      column += moved[1] - was[1];
      const one = points[of[index][0]], two = points[of[index][1]] ?? one;
      let reach = 1;
      if (one) {
        row += (one[0] + two[0]) / 2;
        column += (one[1] + two[1]) / 2;
        if (spread[index]) reach = Math.hypot(one[0] - two[0], one[1] - two[1]);
      }
      const size = spread[index] ? reach / spread[index] : radius[index];
      this.reach.push([row, column, size]);
      points.push([row + reach * thrown[index][0], column + reach * thrown[index][1]]);
    });
    return points;
  }

  paint() {
    const points = (this.points = this.place()), { names } = this.data;
    this.data.curves.forEach((curve, number) => {
      const ends = curve.map((parts) =>
        [0, 1].map((axis) => parts.reduce((sum, [at, share]) => sum + share * points[at][axis], 0))
      );
      const [a, b, c, d] = ends.map(xy);
      set(this.curves[number], { d: `M ${a} C ${b}, ${c}, ${d}` });
      set(this.handles[number], { d: `M ${a} L ${b} M ${c} L ${d}` });
    });
    points.forEach(([row, column], index) => {
      const [y, x, size] = this.reach[index], name = names[index];
      set(this.discs[index], { cx: x, cy: y, r: size > 0.025 ? size : 0 });
      set(this.dots[index], { cx: column, cy: row });
      if (!name) return;
      const where = `row ${row.toFixed(1)}, column ${column.toFixed(1)}`;
      this.dots[index].setAttribute("aria-label", `Control point ${name}, ${where}, move with the arrow keys`);
      this.dots[index].classList.toggle("moved", this.moves[name].some(Boolean));
    });
  }

  at(event) {
    const pointer = new DOMPoint(event.clientX, event.clientY);
    const { x, y } = pointer.matrixTransform(this.svg.getScreenCTM().inverse());
    return [y, x];
  }

  take(event) {
    if (this.held || event.button !== 0) return;
    event.preventDefault();
    const [row, column] = this.at(event), unit = this.svg.getScreenCTM().a;
    const away = this.data.names.map((_, index) =>
      Math.hypot(this.points[index][0] - row, this.points[index][1] - column) * unit
    );
    const index = away.indexOf(Math.min(...away));
    if (away[index] > REACH) return;
    const name = this.data.names[index], point = this.points[index];
    this.held = { name, point, from: [row, column], moves: this.moves[name], id: event.pointerId };
    this.svg.setPointerCapture(event.pointerId);
    this.svg.classList.add("held");
    this.dots[index].focus();
  }

  drag(event) {
    if (event.pointerId !== this.held?.id) return;
    const { name, point, from, moves } = this.held, to = this.at(event);
    this.moves[name] = moves.map((move, axis) =>
      move + within(point[axis] + to[axis] - from[axis]) - point[axis]
    );
    this.paint();
  }

  letGo() {
    if (!this.held) return;
    const { name, moves } = this.held, news = this.news;
    const far = Math.hypot(...this.moves[name].map((move, axis) => move - moves[axis]));
    this.held = this.news = null;
    this.svg.classList.remove("held");
    if (far > 0.05) this.tell();
    else this.moves[name] = moves;
    if (news) this.update(news, this.send);
    else this.paint();
  }

  press(event) {
    const step = STEPS[event.key], index = this.dots.indexOf(event.target);
    const name = this.data.names[index];
    if (!step || !name) return;
    event.preventDefault();
    const point = this.points[index];
    this.moves[name] = this.moves[name].map((move, axis) =>
      move + within(point[axis] + step[axis]) - point[axis]
    );
    this.paint();
    this.tell();
  }

  // all moves each time: what comes later replaces what Python has not read yet
  tell() {
    const { label, variant } = this.data;
    this.sent += 1;
    this.send("moved", { label, variant, moves: this.moves, number: this.sent });
  }
}

export default function ({ parentElement, data: { json }, setTriggerValue }) {
  const svg = parentElement.querySelector("svg");
  if (!editors.has(svg)) editors.set(svg, new Editor(svg));
  editors.get(svg).update(JSON.parse(json), setTriggerValue);
}
