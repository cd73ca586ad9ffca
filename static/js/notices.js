// Shows messages that arrive without a new page, and tells in a plain sentence when a request of htmx went wrong.
// Anyone may show one: an HX-Trigger header {"notice": {"level": "success", "text": "…"}}, or the same as a DOM event.
const icons = { success: "check", info: "info" };
const area = () => document.getElementById("messages");

function show(level, text, kind = "") {
  const shown = [...area().querySelectorAll(".message p")].some((line) => line.textContent === text);
  if (shown) return;
  const message = document.getElementById("message-template").content.firstElementChild.cloneNode(true);
  message.dataset.level = level;
  message.dataset.kind = kind;
  message.querySelector("p").textContent = text;
  const drawing = message.querySelector("use");
  drawing.setAttribute("href", drawing.getAttribute("href").replace(/#.*/, `#${icons[level] ?? "alert"}`));
  message.querySelector("[data-close]").hidden = false;
  area().append(message);
  document.dispatchEvent(new CustomEvent("announce", { detail: text }));
}

function wordsFor(status) {
  const words = document.getElementById("message-words").dataset;
  const known = { 0: words.offline, 403: words.refused, 404: words.gone, 410: words.gone, 413: words.large, 429: words.busy, 502: words.offline, 503: words.offline, 504: words.offline };
  return known[status] ?? words.other;
}

const fail = (status) => show("error", wordsFor(status), wordsFor(status) === wordsFor(0) ? "offline" : "");

document.addEventListener("htmx:responseError", ({ detail }) => fail(detail.xhr.status));
document.addEventListener("htmx:sendError", () => fail(0));
document.addEventListener("htmx:timeout", () => fail(0));
document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
  if (detail.xhr.status < 500) area().querySelectorAll('[data-kind="offline"]').forEach((message) => message.remove());
});
document.addEventListener("notice", ({ detail }) => show(detail.level, detail.text));
document.addEventListener("click", ({ target }) => target.closest?.("[data-close]")?.closest(".message")?.remove());
document.querySelectorAll("[data-close]").forEach((button) => { button.hidden = false; });
