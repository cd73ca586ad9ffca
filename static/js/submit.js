// Sending the prompt form: Ctrl or Cmd with Enter, the progress of an upload, what to look at when it came back, a
// clean box when it went out, and why it didn't when it could not be sent.
const isForm = (element) => element?.id === "prompt-form";

document.addEventListener("keydown", (event) => {
  const form = event.target.form ?? null;
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing || !isForm(form)) return;
  event.preventDefault();
  if (!form.querySelector("button[type=submit]").disabled) form.requestSubmit();
});

function barOf(chip) {
  const bar = chip.querySelector("progress") ?? document.createElement("progress");
  if (!bar.isConnected) chip.append(bar);
  return bar;
}

document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
  if (!isForm(target) || !detail.lengthComputable) return;
  for (const chip of target.querySelectorAll(".ref:not([data-kept])")) barOf(chip).value = detail.loaded / detail.total;
});

document.addEventListener("htmx:afterRequest", ({ target }) => {
  if (isForm(target)) target.querySelectorAll(".ref progress").forEach((bar) => bar.remove());
});

// Only what was sent is cleared; what was typed meanwhile stays, also when the form comes back with an error.
let sentPrompt = "";
let typed = null;
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (!isForm(target)) return;
  sentPrompt = target.elements.prompt.value;
  target.querySelector("#unsent").textContent = "";
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!isForm(detail.target)) return;
  const { value } = detail.target.elements.prompt;
  typed = value === sentPrompt ? null : value;
});

document.addEventListener("submitted", () => {
  const { prompt, again } = document.getElementById("prompt-form").elements;
  if (prompt.value === sentPrompt) prompt.value = again.value = "";
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
  if (isTouched()) prompt.blur();
  else prompt.focus();
});

// On a phone the form fills the screen: whoever pressed Create is taken to what became of it.
const isTouched = () => matchMedia("(pointer: coarse)").matches;
document.addEventListener("htmx:afterSwap", ({ target, detail }) => {
  const card = target.id === "cards" && isForm(detail.requestConfig?.elt) && target.firstElementChild;
  if (card && isTouched()) card.scrollIntoView({ block: "center", behavior: "smooth" });
});

// Why an order didn't go out stays under the button until the next try.
function tellUnsent(why) {
  const line = document.getElementById("unsent");
  if (!line) return;
  line.textContent = line.dataset[why] ?? line.dataset.broken;
  document.dispatchEvent(new CustomEvent("announce", { detail: line.textContent }));
}
const REASONS = { 0: "offline", 403: "refused", 404: "refused", 413: "large", 429: "busy", 502: "offline", 503: "busy", 504: "offline" };
document.addEventListener("htmx:responseError", ({ target, detail }) => { if (isForm(target)) tellUnsent(REASONS[detail.xhr.status]); });
document.addEventListener("htmx:sendError", ({ target }) => { if (isForm(target)) tellUnsent("offline"); });
document.addEventListener("htmx:timeout", ({ target }) => { if (isForm(target)) tellUnsent("offline"); });
document.addEventListener("unsent", ({ detail }) => tellUnsent(detail));

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (!isForm(target)) return;
  if (typed !== null) target.elements.prompt.value = typed;
  typed = null;
  const errors = [...target.querySelectorAll(".field-error, .composer-why")].map((error) => error.innerText.trim());
  document.dispatchEvent(new CustomEvent("announce", { detail: errors.filter(Boolean).join(" ") }));
  const wrong = target.querySelector(":is(textarea, select, input)[aria-invalid], [aria-invalid] input");
  (wrong ?? target.elements.prompt).focus();
});
