// The drawing at any moment of its drawing, and the answer to it: all that is shown is here from
// the start, and nothing is asked for while the slider moves.

const SECONDS = 2.5; // that the whole drawing takes to play
const STEPS = 100; // of the slider at most: one arrow key is one of these

const players = new WeakMap(); // Streamlit calls the function below again whenever `data` changes

class Player {
  constructor(root) {
    for (const [name, what] of Object.entries({
      canvas: "canvas", answer: ".answer", bars: ".bars", button: "button", slider: "input"
    })) this[name] = root.querySelector(what);
    this.button.onclick = () => (this.playing ? this.stop() : this.play());
    this.slider.oninput = () => {
      this.stop();
      this.show(Number(this.slider.value));
    };
  }

  // another drawing is shown whole
  update(data) {
    this.stop();
    this.data = data;
    this.points = data.moments.at(-1).points;
    this.slider.max = Math.min(STEPS, this.points);
    this.show(Number(this.slider.max));
  }

  play() {
    const steps = Number(this.slider.max), started = performance.now();
    const from = this.step < steps ? this.step : 0;
    const frame = (now) => {
      const step = Math.min(steps, from + Math.max(0, now - started) / (1000 * SECONDS) * steps);
      this.show(step);
      if (step < steps) this.playing = requestAnimationFrame(frame);
      else this.stop();
    };
    this.playing = requestAnimationFrame(frame);
    this.name("Pause", "pause");
  }

  stop() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.name("Play", "play_arrow");
  }

  name(label, icon) {
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    this.button.firstElementChild.textContent = icon;
  }

  show(step) {
    this.step = step;
    this.slider.value = step;
    const drawn = Math.max(1, Math.round(step / Number(this.slider.max) * this.points));
    this.trace(drawn);
    const { moments } = this.data;
    // before the first moment there is no answer yet
    const moment = moments.findLast(({ points }) => points <= drawn);
    const stroke = this.strokeAt(drawn);
    const [first] = moment?.top ?? [];
    this.answer.replaceChildren(`Stroke ${stroke}: `);
    if (first) {
      const label = document.createElement("b");
      label.textContent = first.label;
      this.answer.append(label, ` ${first.text}`);
    }
    this.slider.setAttribute("aria-valuetext", this.answer.textContent);
    this.bars.replaceChildren(...(moment?.top ?? []).map((one) => this.bar(one)));
  }

  strokeAt(drawn) {
    let points = 0;
    return 1 + this.data.strokes.findIndex((stroke) => (points += stroke.length) >= drawn);
  }

  bar({ label, share, text }) {
    const bar = document.createElement("div");
    bar.className = "bar";
    bar.innerHTML = '<b></b><div class="track"><div class="fill"></div></div><span class="share"></span>';
    bar.querySelector("b").textContent = label;
    bar.querySelector(".fill").style.width = `${100 * share}%`;
    bar.querySelector(".share").textContent = text;
    return bar;
  }

  trace(drawn) {
    const { strokes, pen, size: [height, width], paper, ink } = this.data;
    const context = this.canvas.getContext("2d");
    Object.assign(this.canvas, { width, height });
    context.fillStyle = paper;
    context.fillRect(0, 0, width, height);
    Object.assign(context, { lineCap: "round", lineJoin: "round", strokeStyle: ink, lineWidth: pen });
    let left = drawn;
    for (const stroke of strokes) {
      const points = stroke.slice(0, left);
      left -= points.length;
      if (!points.length) return;
      context.beginPath();
      context.moveTo(...points[0]);
      for (const point of points.length > 1 ? points.slice(1) : points) context.lineTo(...point);
      context.stroke();
    }
  }
}

export default function ({ parentElement, data: { json } }) {
  const canvas = parentElement.querySelector("canvas");
  if (!players.has(canvas)) players.set(canvas, new Player(parentElement));
  const player = players.get(canvas);
  if (player.json !== json) player.update(JSON.parse(json));
  player.json = json;
  return () => player.stop();
}
