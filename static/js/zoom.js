// Enlarges and moves pictures within their frames: buttons with data-zoom, + - 0 1, a wheel with Ctrl, a double click, a
// mouse or a finger that drags what is enlarged, two fingers that pinch. All frames of one area move together; with
// data-zoom-arrows so do the arrow keys. What is shown is in --zoom, --x and --y of the area, the last two as shares of
// a frame; data-moved says that it is enlarged. A "zoom-reset" event shows all whole again.
const MOST = 16; // times
const STEP = 1.5;

function zoomed(area) {
  const view = { zoom: 1, x: 0, y: 0 };
  const fingers = new Map();

  function draw() {
    // As far as its edge: half of what is outside of the frame.
    const most = (view.zoom - 1) / 2;
    for (const side of ["x", "y"]) view[side] = Math.min(most, Math.max(-most, view[side]));
    for (const [name, value] of Object.entries(view)) area.style.setProperty(`--${name}`, String(value));
    area.toggleAttribute("data-moved", view.zoom > 1);
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
  function pixels(at) {
    const picture = area.querySelector("[data-zoom-frame] img");
    if (!picture) return;
    const { clientWidth, clientHeight } = picture;
    const shown = Math.min(clientWidth / picture.getAttribute("width"), clientHeight / picture.getAttribute("height"));
    zoom(1 / (shown * devicePixelRatio) / view.zoom, at);
  }

  const acts = { in: () => zoom(STEP), out: () => zoom(1 / STEP), whole, pixels: () => (view.zoom > 1 ? whole() : pixels()) };
  const keys = { "+": "in", "=": "in", "-": "out", 0: "whole", 1: "pixels" };
  const arrows = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };

  function place(frame, { clientX, clientY }) {
    const { left, top, width, height } = frame.getBoundingClientRect();
    return [(clientX - left) / width - 0.5, (clientY - top) / height - 0.5];
  }

  function move(x, y) {
    view.x += x;
    view.y += y;
    draw();
  }

  function drag(frame, event) {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = place(frame, event);
    if (fingers.size === 1) {
      if (view.zoom > 1) move(now[0] - before[0], now[1] - before[1]);
    } else {
      const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      const apart = ([x, y]) => Math.hypot(x - other[0], y - other[1]);
      zoom(apart(now) / Math.max(apart(before), 0.01), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
    }
    fingers.set(event.pointerId, now);
  }

  const frameOf = ({ target }) => target.closest?.("[data-zoom-frame]");

  area.addEventListener("wheel", (event) => {
    const frame = frameOf(event);
    if (!frame || (!event.ctrlKey && !event.metaKey)) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, place(frame, event));
  }, { passive: false });
  area.addEventListener("dblclick", (event) => {
    const frame = frameOf(event);
    if (frame) view.zoom > 1 ? whole() : zoom(3, place(frame, event));
  });
  area.addEventListener("pointerdown", (event) => {
    const frame = frameOf(event);
    if (!frame) return;
    fingers.set(event.pointerId, place(frame, event));
    // What is whole is not dragged: its clicks stay where they are.
    if (view.zoom > 1 || fingers.size > 1) frame.setPointerCapture(event.pointerId);
  });
  area.addEventListener("pointermove", (event) => {
    const frame = frameOf(event);
    if (frame) drag(frame, event);
  });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, ({ pointerId }) => fingers.delete(pointerId));
  area.addEventListener("zoom-reset", whole);
  for (const button of area.querySelectorAll("[data-zoom]")) {
    button.hidden = false;
    button.addEventListener("click", () => acts[button.dataset.zoom]());
  }
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest?.("input, textarea, select, [popover]")) return;
    if (area.tagName === "DIALOG" && !area.open) return;
    const act = acts[keys[event.key]];
    const arrow = area.dataset.zoomArrows !== undefined && view.zoom > 1 && arrows[event.key];
    if (act) act();
    else if (arrow) move(...arrow);
    else return;
    event.preventDefault();
  });
}

for (const area of document.querySelectorAll("[data-zoom-area]")) zoomed(area);
