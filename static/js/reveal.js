// Shows what is typed into a password field: <button data-reveal="id" aria-pressed="false" hidden>. The field stays the
// same one, with its name and autocomplete, so that password managers fill it; it is a password again when it is sent.
const buttons = () => document.querySelectorAll("[data-reveal]");

function reveal(button, shown) {
  const field = document.getElementById(button.dataset.reveal);
  const { selectionStart, selectionEnd } = field;
  field.type = shown ? "text" : "password";
  if (document.activeElement === field) field.setSelectionRange(selectionStart, selectionEnd);
  button.setAttribute("aria-pressed", shown);
}

const hideAll = (form) => buttons().forEach((button) => { if (!form || form.contains(button)) reveal(button, false); });

buttons().forEach((button) => { button.hidden = false; });
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-reveal]");
  if (button) reveal(button, button.getAttribute("aria-pressed") !== "true");
});
document.addEventListener("submit", ({ target }) => hideAll(target));
addEventListener("pagehide", () => hideAll());
