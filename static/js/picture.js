// The page of one picture: arrow keys or a swipe lead to those beside it, Esc to the gallery. Other keys: shortcuts.js.
const page = document.getElementById("picture");
const rightwards = () => (getComputedStyle(page).direction === "rtl" ? "prev" : "next");
const leftwards = () => (rightwards() === "next" ? "prev" : "next");
const follow = (link) => page.querySelector(link)?.click();

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest?.("input, textarea, select, [popover]")) return;
  if (event.key === "ArrowRight") follow(`[rel=${rightwards()}]`);
  else if (event.key === "ArrowLeft") follow(`[rel=${leftwards()}]`);
  else if (event.key === "Escape") follow("[data-close-picture]");
});

page.querySelector("[data-swipe]").addEventListener("swipe", ({ detail }) => {
  follow(`[rel=${detail === "left" ? rightwards() : leftwards()}]`);
});
