// Keeps the price on the button, offers only what the chosen model makes, and says why something can't be afforded.
// What there is and what it costs, in words, comes with the form (data-offer); what is left, with #left.
function offerSizes(select, { sizes, anySize }) {
  const fits = ({ value, dataset }) => sizes.includes(value) || (anySize && "unlisted" in dataset);
  for (const option of select.options) option.hidden = option.disabled = !fits(option);
  for (const group of select.querySelectorAll("optgroup")) group.hidden = group.querySelector("option:enabled") === null;
  const chosen = select.selectedOptions[0];
  if (chosen && !chosen.disabled) return;
  const alike = [...select.options].find((option) => !option.disabled && chosen && option.dataset.ratio === chosen.dataset.ratio);
  select.value = alike?.value ?? "auto";
}

// Of a choice of words those that the chosen model takes; what it doesn't take is put back to what the hub does by itself.
function offerWords(select, words, standard) {
  for (const option of select.options) option.hidden = option.disabled = option.value !== standard && !words.includes(option.value);
  if (!select.selectedOptions[0] || select.selectedOptions[0].disabled) select.value = standard;
  // One word is no choice, unless something is said about it.
  const choices = select.querySelectorAll("option:enabled").length;
  select.closest("label").hidden = choices < 2 && !select.matches("[aria-invalid]");
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
  const { model, size, quality, n } = form.elements;
  const offer = JSON.parse(form.dataset.offer)[model.value];
  offerSizes(size, offer);
  offerWords(quality, offer.efforts, offer.effort);
  for (const select of form.querySelectorAll("[data-option]")) offerWords(select, offer.options[select.name] ?? [], "");
  const credits = offer.prices[size.selectedOptions[0].dataset.tier]?.[quality.value] * Number(n.value);
  const price = credits >= 0 ? { credits, words: offer.words[credits] } : undefined;
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
