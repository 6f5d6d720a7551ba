// Keys, the full screen, and a canvas that clears itself: nothing here waits for the server.

const board = () => {
  const inside = document.querySelectorAll(".st-key-canvas-demo, .st-key-canvas-demo *");
  return [...inside].map((element) => element.shadowRoot).find(Boolean);
};
const press = (name) => board()?.querySelector(`button[name=${name}]`)?.click();
const strokes = () => Number(board()?.querySelector("canvas")?.dataset.strokes ?? 0);

function fill() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {});
}

function leave() {
  if (document.fullscreenElement) document.exitFullscreen();
  document.querySelector(".st-key-demo-leave a")?.click();
}

export default function ({ parentElement, data, setTriggerValue }) {
  parentElement.stop?.(); // it is called again when `data` changes
  let last = performance.now(), down = false;
  const keys = {
    c: () => press("clear"),
    delete: () => press("clear"),
    u: () => press("undo"),
    m: () => setTriggerValue("asked", "model"),
    w: () => setTriggerValue("asked", "why"),
    f: fill,
    escape: leave,
  };
  const onKey = (event) => {
    const typing = event.composedPath()[0].matches?.("input:not([type=checkbox]), textarea");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    last = performance.now();
    keys[event.key.toLowerCase()]?.();
  };
  const onPointer = (event) => {
    down = event.buttons > 0;
    if (down || event.type === "pointerup") last = performance.now();
  };
  const clock = setInterval(() => {
    const rested = performance.now() - last > 1000 * data.rest;
    if (data.rest && rested && !down && strokes()) press("clear");
  }, 250);
  const pointer = ["pointerdown", "pointermove", "pointerup", "pointercancel"];
  addEventListener("keydown", onKey, true);
  for (const name of pointer) addEventListener(name, onPointer, true);
  const full = parentElement.querySelector("button[name=full]");
  full.hidden = !document.fullscreenEnabled; // an iPhone has none
  full.onclick = fill;
  parentElement.stop = () => {
    clearInterval(clock);
    removeEventListener("keydown", onKey, true);
    for (const name of pointer) removeEventListener(name, onPointer, true);
  };
  return parentElement.stop;
}
