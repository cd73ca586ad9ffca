// Tells when a finger was drawn sideways across an element with data-swipe: a "swipe" event there, its detail "left" or "right".
// The element's touch-action leaves what is drawn up or down to the browser, which then cancels the pointer.
const far = 48;
let start = null;

document.addEventListener("pointerdown", (event) => {
  // A second finger means pinching, and a zoomed picture is being moved about, not turned.
  const isZoomed = (visualViewport?.scale ?? 1) >= 1.05 || event.target.closest?.("[data-moved]");
  const turning = event.isPrimary && event.pointerType !== "mouse" && !isZoomed;
  const element = turning && event.target.closest?.("[data-swipe]");
  start = element ? { element, x: event.clientX } : null;
});

document.addEventListener("pointercancel", () => { start = null; });

document.addEventListener("pointerup", (event) => {
  if (!start || !event.isPrimary) return;
  const across = event.clientX - start.x;
  const { element } = start;
  start = null;
  if (Math.abs(across) >= far) element.dispatchEvent(new CustomEvent("swipe", { detail: across < 0 ? "left" : "right" }));
});
