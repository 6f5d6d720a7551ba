// What is left of strokes, [{ points, pressure }, …], after an eraser was moved from one place to
// another and took the middle of every line that is nearer to its way than `reach`, in pixels.

const STEP = 2; // pixels: a line is cut to this exactly

function rubbed(strokes, from, to, reach) {
  const left = strokes.flatMap((stroke) => cut(stroke, (point) => distance(point, from, to) < reach));
  const same = left.length === strokes.length && left.every((stroke, n) => stroke === strokes[n]);
  return same ? strokes : left;
}

// A stroke that is not touched is left as it is; of another the pieces, and no single points.
function cut(stroke, touched) {
  if (stroke.points.length === 1) return touched(stroke.points[0]) ? [] : [stroke];
  const { points, pressure } = refined(stroke);
  if (!points.some(touched)) return [stroke];
  const pieces = [{ points: [], pressure: [] }];
  points.forEach((point, n) => {
    if (touched(point)) return pieces.push({ points: [], pressure: [] });
    pieces.at(-1).points.push(point);
    pieces.at(-1).pressure.push(pressure[n]);
  });
  return pieces.filter((piece) => piece.points.length > 1);
}

function refined({ points, pressure }) {
  const fine = { points: [points[0]], pressure: [pressure[0]] };
  const between = (a, b, share) => Math.round(100 * (a + (b - a) * share)) / 100;
  for (let n = 1; n < points.length; n++) {
    const [[x, y], [u, v]] = [points[n - 1], points[n]];
    const steps = Math.max(1, Math.ceil(Math.hypot(u - x, v - y) / STEP));
    for (let step = 1; step <= steps; step++) {
      const share = step / steps;
      fine.points.push([between(x, u, share), between(y, v, share)]);
      fine.pressure.push(between(pressure[n - 1], pressure[n], share));
    }
  }
  return fine;
}

// From a point to the line between two others.
function distance([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay], length = dx * dx + dy * dy;
  const share = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}
