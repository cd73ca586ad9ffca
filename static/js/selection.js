// Selecting in the gallery: a range with Shift, arrows from picture to picture, and how many are selected. Without
// scripts the ticks are check boxes of a form all the same. Of a selection of all, single ones are taken out on the server.
const bar = () => document.getElementById("selection");
const boxes = () => [...document.querySelectorAll("#pictures .gallery-pick input")];
let anchor = null;

function setUp() {
  // What lies below a tick can't be reached by a pointer, so not by the keyboard either.
  for (const link of document.querySelectorAll("#pictures[data-selecting] .gallery-item > :not(label, input)")) link.inert = true;
  // For browsers without scripts: thousands of fields are more than a form may have.
  for (const shown of document.querySelectorAll("#pictures input[name=shown]")) shown.remove();
  if (bar()) count({ quietly: true });
}

function say(text) {
  document.dispatchEvent(new CustomEvent("announce", { detail: text }));
}

function count({ quietly }) {
  if (bar().dataset.exclusions) return;
  const number = boxes().filter((box) => box.checked).length;
  const words = number === 1 ? bar().dataset.one : bar().dataset.many;
  const text = words.replace("{number}", number.toLocaleString(document.documentElement.lang));
  document.getElementById("selection-number").textContent = text;
  for (const button of bar().querySelectorAll("[data-needs-some]")) button.disabled = !number;
  if (!quietly) say(text);
}

// Ticks were changed by somebody: the server is told where it keeps the selection.
function changed(some) {
  const { exclusions } = bar().dataset;
  if (!exclusions) return count({ quietly: false });
  const token = bar().querySelector("[name=csrfmiddlewaretoken]").value;
  for (const back of [true, false]) {
    const image = some.filter((box) => box.checked === back).map((box) => box.value);
    if (!image.length) continue;
    const values = { csrfmiddlewaretoken: token, image, ...(back && { back: "1" }) };
    htmx.ajax("POST", exclusions, { values, source: bar(), target: "#selection-number", swap: "textContent" });
  }
}

function range(from, to, checked) {
  const all = boxes();
  const [start, end] = [all.indexOf(from), all.indexOf(to)].sort((one, other) => one - other);
  const some = all.slice(Math.max(start, 0), end + 1).filter((box) => box.checked !== checked);
  for (const box of some) box.checked = checked;
  return some;
}

document.addEventListener("click", (event) => {
  const pick = event.target.closest?.(".gallery-pick");
  if (!pick) return;
  const box = pick.querySelector("input");
  // A click on the label comes once more, as one on its box.
  if (event.target !== box && !event.shiftKey) return;
  if (event.target !== box) {
    event.preventDefault();
    box.checked = !box.checked;
    box.focus({ preventScroll: true });
  }
  const others = event.shiftKey && anchor?.isConnected ? range(anchor, box, box.checked) : [];
  anchor = box;
  changed([...new Set([...others, box])]);
});

// The picture above or below: the one in the next row whose middle is nearest.
function vertical(box, step) {
  const frame = (one) => one.closest(".gallery-item").getBoundingClientRect();
  const here = frame(box);
  const beyond = boxes().filter((one) => (frame(one).top - here.top) * step > 1);
  if (!beyond.length) return null;
  const row = beyond.map(frame).reduce((nearest, { top }) => (Math.abs(top - here.top) < Math.abs(nearest - here.top) ? top : nearest), Infinity);
  const middle = ({ left, right }) => Math.abs((left + right) / 2 - (here.left + here.right) / 2);
  return beyond.filter((one) => Math.abs(frame(one).top - row) < 1).sort((one, other) => middle(frame(one)) - middle(frame(other)))[0];
}

function neighbour(box, key) {
  const all = boxes();
  const rightwards = getComputedStyle(box).direction === "rtl" ? -1 : 1;
  if (key === "ArrowRight") return all[all.indexOf(box) + rightwards];
  if (key === "ArrowLeft") return all[all.indexOf(box) - rightwards];
  return key === "ArrowDown" ? vertical(box, 1) : key === "ArrowUp" ? vertical(box, -1) : null;
}

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.(".gallery-pick input");
  const next = box && neighbour(box, event.key);
  if (!next || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  if (!event.shiftKey) {
    anchor = next;
    return;
  }
  const some = range(box, next, true);
  if (some.length) changed(some);
});

document.addEventListener("htmx:afterSettle", setUp);
setUp();
