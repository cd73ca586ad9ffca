// Keys of the picture that is shown, in the lightbox or on its page: each presses the link or button that names it with
// data-key. Letters are told in their titles, and all of them by the one for "?".
document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest?.("input, textarea, select")) return;
  const shown = document.querySelector("dialog[open].lightbox, #picture");
  const named = shown?.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!named) return;
  event.preventDefault();
  named.click();
});
