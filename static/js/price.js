// Keeps the price on the button, offers only what the chosen model makes, and says why something can't be afforded.
// What there is and what it costs, in words, comes with the form (data-offer); what is left, with #left.
function offerSizes(select, made) {
  for (const option of select.options) option.hidden = option.disabled = !made.includes(option.value);
  for (const group of select.querySelectorAll("optgroup")) group.hidden = group.querySelector("option:enabled") === null;
  const chosen = select.selectedOptions[0];
  if (chosen && !chosen.disabled) return;
  const alike = [...select.options].find((option) => !option.disabled && chosen && option.dataset.ratio === chosen.dataset.ratio);
  select.value = alike?.value ?? "auto";
}

function afford(form, price) {
  const { free, why } = form.querySelector("#left").dataset;
  const dear = price !== undefined && free !== undefined && price.credits > Number(free);
  const button = form.querySelector("button[type=submit]");
  button.disabled = dear;
  button.removeAttribute("aria-describedby");
  form.querySelector("#why[data-price]")?.remove();
  if (!dear) return;
  form.querySelector("#why")?.remove();
  const line = Object.assign(document.createElement("p"), { id: "why", className: "composer-why" });
  line.dataset.price = price.credits;
  line.textContent = why.replace("{price}", price.words);
  form.append(line);
  button.setAttribute("aria-describedby", "why");
  document.dispatchEvent(new CustomEvent("announce", { detail: line.textContent }));
}

function update() {
  const form = document.getElementById("prompt-form");
  if (!form) return;
  const { model, size, n } = form.elements;
  const { sizes, prices } = JSON.parse(form.dataset.offer)[model.value];
  offerSizes(size, sizes);
  const price = prices[size.selectedOptions[0].dataset.tier]?.[Number(n.value) - 1];
  form.querySelector("#price").textContent = price ? `· ${price.words}` : "";
  afford(form, price);
}

update();
document.addEventListener("change", ({ target }) => {
  if (target.form?.id !== "prompt-form") return;
  // What the server said of the last choice is no longer about this one.
  document.getElementById("why")?.remove();
  update();
});
document.addEventListener("htmx:afterSettle", update);
// The browser may have put back what was chosen before a reload or a step back.
addEventListener("pageshow", update);
