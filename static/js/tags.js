// T begins to write tags of the picture that is shown, in the lightbox or on its page. Esc leaves the field, not the picture.
const field = () => document.querySelector("dialog[open] [name=tags], #picture [name=tags]");
let wanted = false; // pressed before the lightbox had fetched the field

function begin() {
  const input = field();
  wanted = !input;
  input?.focus();
  input?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  const input = event.target.closest?.("[name=tags]");
  if (input && event.key === "Escape") {
    event.preventDefault();
    document.querySelector("dialog[open] [data-heart], #picture [data-heart]")?.focus();
  } else if (event.key.toLowerCase() === "t" && !event.target.closest?.("input, textarea, select") && document.querySelector("dialog[open].lightbox, #picture")) {
    event.preventDefault();
    begin();
  }
});

document.addEventListener("htmx:afterSettle", () => { if (wanted && field()) begin(); });
