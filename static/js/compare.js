// Moves and enlarges all pictures of the page together: buttons, + - 0 1 and arrows, a wheel with Ctrl, a mouse that drags,
// one finger that drags what is enlarged, two that pinch. Of two on each other, a slider says where the first one ends.
const compare = document.querySelector("[data-compare]");
const MOST = 16; // times
const STEP = 1.5;
const view = { zoom: 1, x: 0, y: 0 };
const fingers = new Map();

function draw() {
  view.zoom = Math.min(MOST, Math.max(1, view.zoom));
  // As far as its edge: half of what is outside of the frame.
  const most = (view.zoom - 1) / 2;
  for (const side of ["x", "y"]) view[side] = Math.min(most, Math.max(-most, view[side]));
  for (const [name, value] of Object.entries(view)) compare.style.setProperty(`--${name}`, String(value));
  compare.toggleAttribute("data-moved", view.zoom > 1);
}

// What lies at this place of a frame, in shares of it from its middle, stays there.
function zoom(times, [x, y] = [0, 0]) {
  const before = view.zoom;
  view.zoom = Math.min(MOST, Math.max(1, before * times));
  const by = view.zoom / before;
  view.x = x - (x - view.x) * by;
  view.y = y - (y - view.y) * by;
  draw();
}

function whole() {
  Object.assign(view, { zoom: 1, x: 0, y: 0 });
  draw();
}

// One pixel of the first picture on one of the screen.
function pixels() {
  const picture = compare.querySelector("img");
  const { clientWidth, clientHeight, naturalWidth, naturalHeight } = picture;
  const shown = Math.min(clientWidth / naturalWidth, clientHeight / naturalHeight) * devicePixelRatio;
  zoom(1 / shown / view.zoom);
}

const ACTS = { in: () => zoom(STEP), out: () => zoom(1 / STEP), whole, pixels };
const KEYS = { "+": "in", "=": "in", "-": "out", 0: "whole", 1: "pixels" };
const ARROWS = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };

function place(stage, { clientX, clientY }) {
  const { left, top, width, height } = stage.getBoundingClientRect();
  return [(clientX - left) / width - 0.5, (clientY - top) / height - 0.5];
}

function move(x, y) {
  view.x += x;
  view.y += y;
  draw();
}

function drag(stage, event) {
  const before = fingers.get(event.pointerId);
  const now = place(stage, event);
  if (!before) return;
  if (fingers.size === 1) {
    if (view.zoom > 1) move(now[0] - before[0], now[1] - before[1]);
  } else {
    const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const apart = ([x, y]) => Math.hypot(x - other[0], y - other[1]);
    zoom(apart(now) / Math.max(apart(before), 0.01), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
  }
  fingers.set(event.pointerId, now);
}

function listen(stage) {
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, place(stage, event));
  }, { passive: false });
  stage.addEventListener("dblclick", (event) => (view.zoom > 1 ? whole() : zoom(3, place(stage, event))));
  stage.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, place(stage, event));
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => drag(stage, event));
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, ({ pointerId }) => fingers.delete(pointerId));
}

if (compare) {
  for (const stage of compare.querySelectorAll(".compare-stage")) listen(stage);
  for (const button of compare.querySelectorAll("[data-zoom]")) {
    button.hidden = false;
    button.addEventListener("click", () => ACTS[button.dataset.zoom]());
  }
  const slider = compare.querySelector(".compare-slider");
  slider?.addEventListener("input", () => compare.style.setProperty("--at", `${slider.value}%`));
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest?.("input, textarea, select, [popover]")) return;
    const act = ACTS[KEYS[event.key]];
    const arrow = view.zoom > 1 && ARROWS[event.key];
    if (act) act();
    else if (arrow) move(...arrow);
    else return;
    event.preventDefault();
  });
}
