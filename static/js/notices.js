// Shows messages over the page, and tells in a plain sentence when a request of htmx went wrong.
// Anyone may show one: an HX-Trigger header {"notice": {"level": "success", "text": "…"}}, or the same as a DOM event.
const icons = { success: "check", info: "info" };
const LASTS = 10_000; // milliseconds
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
  area().append(message);
}

// Whatever way they came: with the page, in an answer of htmx, or by `show`.
function receive(messages) {
  for (const message of messages) {
    message.querySelector("[data-close]").hidden = false;
    if (!staysUntilClosed(message)) closeLater(message);
  }
  const text = messages.map((message) => message.querySelector("p").textContent).join(" ");
  if (text) document.dispatchEvent(new CustomEvent("announce", { detail: text }));
}

// An error, and what offers something to do.
const staysUntilClosed = (message) => message.dataset.level.includes("error") || message.querySelector("form, a") !== null;

function closeLater(message) {
  setTimeout(() => {
    if (document.hidden || message.matches(":hover, :focus-within")) closeLater(message);
    else close(message);
  }, LASTS);
}

function close(message) {
  const hadFocus = message.contains(document.activeElement);
  message.remove();
  if (!hadFocus) return;
  const next = area().querySelector("[data-close]") ?? document.getElementById("main");
  next.focus({ preventScroll: true });
}

// A poll that failed says that the page may be old, until one succeeds; what a person did and failed stays told. The
// prompt form tells its own failures where the person is; a form that saves on choice goes back to what is saved.
const isPoll = (element) => element.matches?.("[data-poll]");
const tellsItself = (element) => element.id === "prompt-form";

function fail(element, status) {
  if (element.matches?.("form[data-undo]")) element.reset();
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
  if (isPoll(target) && detail.xhr.status < 400) area().querySelectorAll('[data-kind="poll"]').forEach(close);
});
document.addEventListener("notice", ({ detail }) => show(detail.level, detail.text));

const messageOf = (element) => element.closest?.("#messages .message");
document.addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-close]") && messageOf(target)) close(messageOf(target));
});
document.addEventListener("keydown", ({ key, target }) => {
  if (key === "Escape" && messageOf(target)) close(messageOf(target));
});
if (area()) {
  new MutationObserver((changes) => {
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
    receive(added.filter((node) => node.matches?.(".message")));
  }).observe(area(), { childList: true });
  receive([...area().querySelectorAll(".message")]);
}
