// Sending the prompt form: Ctrl or Cmd with Enter, the progress of an upload, what to look at when it came back, a
// clean box when it went out.
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

document.addEventListener("submitted", () => {
  const { prompt } = document.getElementById("prompt-form").elements;
  prompt.value = "";
  prompt.focus();
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (!isForm(target)) return;
  const errors = [...target.querySelectorAll(".field-error, .composer-why")].map((error) => error.innerText.trim());
  document.dispatchEvent(new CustomEvent("announce", { detail: errors.filter(Boolean).join(" ") }));
  const wrong = target.querySelector(":is(textarea, select, input)[aria-invalid], [aria-invalid] input");
  (wrong ?? target.elements.prompt).focus();
});
