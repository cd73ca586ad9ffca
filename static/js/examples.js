// An example prompt goes into the box at a click, without loading the page anew.
document.addEventListener("click", (event) => {
  const example = event.target.closest?.("[data-example]");
  const box = document.getElementById("id_prompt");
  if (!example || !box || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  box.value = example.textContent.trim();
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
});
document.addEventListener("submitted", () => document.getElementById("examples")?.remove());
