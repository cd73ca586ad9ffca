// Keys of the picture that is shown, in the lightbox or on its page: each presses the link or button that names it with
// data-key. Letters are told in their titles, and all of them by the one for "?".
document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest?.("input, textarea, select")) return;
  const shown = document.querySelector("dialog[open].lightbox, #picture");
  // By what is typed, or by the place of the key where it types no Latin letter.
  const typed = event.key.toLowerCase();
  const key = /^\p{L}$/u.test(typed) && !/^[a-z]$/.test(typed) ? event.code.replace(/^Key/, "").toLowerCase() : typed;
  const named = shown?.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!named) return;
  event.preventDefault();
  named.click();
});
