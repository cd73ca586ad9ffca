// Copies the text of the element a button names: <button data-copy="id" data-said="Copied" hidden>. Without a clipboard the button stays hidden: its room is kept.
const reveal = () => document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = false; });

async function copy(button) {
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  button.dataset.copied = "";
  document.dispatchEvent(new CustomEvent("announce", { detail: button.dataset.said }));
  setTimeout(() => { delete button.dataset.copied; }, 1500);
}

if (navigator.clipboard) {
  reveal();
  document.addEventListener("htmx:afterSettle", reveal);
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-copy]");
    if (button) copy(button);
  });
}
