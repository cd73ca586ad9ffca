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

// A poll that failed says that the page may be old, until one succeeds; what a person did and failed stays told. The
// prompt form tells its own failures where the person is.
const isPoll = (element) => element.matches?.("[data-poll]");
const tellsItself = (element) => element.id === "prompt-form";

function fail(element, status) {
  if (tellsItself(element)) return;
  const words = document.getElementById("message-words").dataset;
  const [unreached, busy] = isPoll(element) ? [words.stale, words.stale] : [words.offline, words.busy];
  const known = { 0: unreached, 403: words.refused, 404: words.gone, 410: words.gone, 413: words.large, 429: busy, 502: unreached, 503: busy, 504: unreached };
  show("error", known[status] ?? words.other, isPoll(element) ? "poll" : "");
}

document.addEventListener("htmx:responseError", ({ target, detail }) => fail(target, detail.xhr.status));
document.addEventListener("htmx:sendError", ({ target }) => fail(target, 0));
document.addEventListener("htmx:timeout", ({ target }) => fail(target, 0));
document.addEventListener("htmx:afterOnLoad", ({ target, detail }) => {
  if (isPoll(target) && detail.xhr.status < 400) area().querySelectorAll('[data-kind="poll"]').forEach((message) => message.remove());
});
document.addEventListener("notice", ({ detail }) => show(detail.level, detail.text));
document.addEventListener("click", ({ target }) => target.closest?.("[data-close]")?.closest(".message")?.remove());
document.querySelectorAll("[data-close]").forEach((button) => { button.hidden = false; });
