// The layers as rows of buttons, one for each unit. Their pictures are one sprite a row, so that a
// new answer changes a few pictures and leaves the buttons, and the keyboard's place, as they are.

const make = (tag, className, parent) => {
  const element = document.createElement(tag);
  element.className = className;
  parent.append(element);
  return element;
};

// The children of a parent, as many as there are items, each brought up to date.
const each = (parent, items, tag, className, show) => {
  while (parent.children.length > items.length) parent.lastChild.remove();
  while (parent.children.length < items.length) make(tag, className, parent);
  items.forEach((item, index) => show(parent.children[index], item, index));
};

// A named part of an element, made when it is first asked for.
const part = (parent, className, tag = "div") =>
  [...parent.children].find((child) => child.classList.contains(className)) ?? make(tag, className, parent);

// A row of units is one stop of the Tab key; the arrow keys move within it.
const moveWithin = (row) => {
  row.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const buttons = [...row.querySelectorAll("button")], at = buttons.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = buttons[(at + step + buttons.length) % buttons.length];
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  };
};

export default function ({ parentElement, data: { json }, setTriggerValue }) {
  const { layers, votes, chosen, liked } = JSON.parse(json);
  const root = parentElement.querySelector(".inside");
  const choose = (name) => setTriggerValue("unit", name === chosen ? "" : name);

  const units = (row, number, { units, sprite, votes }, label, said) => {
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", label);
    row.style.setProperty("--sprite", sprite ? `url(${sprite})` : "none");
    row.style.setProperty("--count", units.length);
    each(row, units, "button", "unit", (button, unit, index) => {
      const name = `${number}-${unit}`;
      button.type = "button";
      button.style.setProperty("--at", index);
      button.setAttribute("aria-pressed", name === chosen);
      button.setAttribute("aria-label", said(unit, index));
      button.title = said(unit, index);
      button.dataset.unit = name;
      part(button, "map", "span").hidden = !sprite;
      part(button, "vote", "span").textContent = votes ? signed(votes[index]) : "";
      button.onclick = () => choose(name);
      button.tabIndex = index ? -1 : 0;
    });
    moveWithin(row);
  };
  const signed = (vote) => `${vote > 0 ? "+" : "\u2212"}${Math.abs(vote).toFixed(2)}`;
  // below the row of the unit that was chosen: what it likes
  const like = (section, number) => {
    const here = liked && chosen && Number(chosen.split("-")[0]) === number;
    const shown = part(section, "liked");
    shown.hidden = !here;
    if (!here) return;
    const text = part(shown, "text", "p");
    text.setAttribute("role", "status");
    if (text.textContent !== liked.text) text.textContent = liked.text;
    each(part(shown, "pictures"), liked.items, "figure", "", (figure, [picture, label]) => {
      const image = part(figure, "picture", "img");
      if (image.src !== picture) image.src = picture;
      image.alt = `An image of ${label}`;
      part(figure, "label", "figcaption").textContent = label;
    });
  };

  each(part(root, "layers"), layers, "section", "", (section, layer) => {
    part(section, "title", "h4").textContent = layer.title;
    const row = part(section, "row");
    const total = part(row, "total", "figure");
    total.hidden = !layer.total;
    const image = part(total, "picture", "img");
    if (layer.total) image.src = layer.total;
    image.alt = `How far the ink moves all units of layer ${layer.number}`;
    part(total, "label", "figcaption").textContent = "All";
    units(part(row, "units"), layer.number, layer, layer.title, (unit) => `Unit ${unit}`);
    row.classList.toggle("few", !!layer.total);
    like(section, layer.number);
  });
  part(root, "title", "h4").textContent = "Votes for the most probable classes";
  each(part(root, "votes"), votes, "section", "", (section, vote) => {
    const name = part(section, "class", "b");
    name.textContent = vote.label;
    for (const [side, word] of [["pro", "for"], ["contra", "against"]]) {
      const said = (unit, index) => `Unit ${unit} ${word} ${vote.label}: ${signed(vote[side].votes[index])}`;
      part(section, `word-${side}`, "span").textContent = vote[side].units.length ? word : "";
      units(part(section, side), vote.number, vote[side], `${word} ${vote.label}`, said);
    }
    part(section, "sum", "span").textContent =
      `With the ${vote.others} others and the bias: ${signed(vote.logit)}`;
  });
  like(part(root, "voters"), votes[0].number);
}
