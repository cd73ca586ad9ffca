// Keeps the price on the button, offers only what the chosen model makes, and says why something can't be afforded.
// What there is and what it costs, in words, comes with the form (data-offer); what is left, with #left.
function offerSizes(select, { sizes, anySize }) {
  ungroup(select);
  const fits = ({ value, dataset }) => sizes.includes(value) || (anySize && "unlisted" in dataset);
  for (const option of select.options) option.hidden = option.disabled = !fits(option);
  settleSize(select);
  showTiers(select);
}

// A size that isn't made gives way to one of the same shape.
function settleSize(select) {
  const chosen = select.selectedOptions[0];
  if (chosen && !chosen.disabled) return;
  const alike = [...select.options].find((option) => !option.disabled && chosen && option.dataset.ratio === chosen.dataset.ratio);
  select.value = alike?.value ?? "auto";
}

// Groups by resolution are for who has no buttons for it; in the grid of shapes their headings would take a place each.
function ungroup(select) {
  const { value } = select;
  for (const group of select.querySelectorAll("optgroup")) group.replaceWith(...group.children);
  select.value = value;
}

// The list holds the shapes of one resolution at a time; the buttons beside it change that, and keep the shape.
function showTiers(select) {
  const made = [...select.options].filter((option) => !option.disabled && option.dataset.ratio);
  const buttons = [...document.querySelectorAll("#tiers [data-tier]")];
  const tiers = buttons.filter(({ dataset }) => made.some((option) => option.dataset.tier === dataset.tier));
  const now = select.selectedOptions[0].dataset.ratio ? select.selectedOptions[0].dataset.tier : tiers[0]?.dataset.tier;
  document.getElementById("tiers").hidden = tiers.length < 2;
  for (const button of buttons) {
    button.hidden = !tiers.includes(button);
    button.setAttribute("aria-pressed", String(button.dataset.tier === now));
  }
  if (tiers.length < 2) return;
  for (const option of made) option.hidden = option.dataset.tier !== now;
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("#tiers [data-tier]");
  if (!button) return;
  const select = document.getElementById("id_size");
  const ratio = select.selectedOptions[0].dataset.ratio ?? "1:1";
  const inTier = [...select.options].filter((option) => !option.disabled && option.dataset.tier === button.dataset.tier && option.dataset.ratio);
  const size = inTier.find((option) => option.dataset.ratio === ratio) ?? inTier[0];
  select.value = size.value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
});

// Of a choice of words those that the chosen model takes; what it doesn't take is put back to what the hub does by itself.
function offerWords(select, words, standard) {
  for (const option of select.options) option.hidden = option.disabled = option.value !== standard && !words.includes(option.value);
  if (!select.selectedOptions[0] || select.selectedOptions[0].disabled) select.value = standard;
  // One word is no choice, unless something is said about it.
  const choices = select.querySelectorAll("option:enabled").length;
  select.closest("label").hidden = choices < 2 && !select.matches("[aria-invalid]");
}

// Why an order of this price can't be made: a budget first, since whoever may raise it is somebody of the team.
function obstacle(form, price) {
  const { limits } = document.getElementById("limits")?.dataset ?? {};
  const project = form.elements.project?.value;
  const budget = JSON.parse(limits || "[]").find(
    (one) => (!one.project || one.project === project) && (one.closed || (price && price.credits > one.free)),
  );
  if (budget) return budget;
  const { free, why } = form.querySelector("#left").dataset;
  return price && free !== undefined && price.credits > Number(free) ? { why } : undefined;
}

function afford(form, price) {
  const found = obstacle(form, price);
  const button = form.querySelector("button[type=submit]");
  button.disabled = Boolean(found);
  button.removeAttribute("aria-describedby");
  form.querySelector("#why[data-price]")?.remove();
  if (!found) return;
  form.querySelector("#why")?.remove();
  const line = Object.assign(document.createElement("p"), { id: "why", className: "composer-why" });
  line.dataset.price = price?.credits ?? "";
  line.textContent = found.why.replace("{price}", price?.words ?? "");
  const said = line.textContent;
  if (found.ask) line.append(" ", Object.assign(document.createElement("a"), { href: found.ask, textContent: found.word }));
  form.append(line);
  button.setAttribute("aria-describedby", "why");
  document.dispatchEvent(new CustomEvent("announce", { detail: said }));
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
  form.elements.price_shown.value = price?.credits ?? "";
  afford(form, price);
}

update();
document.addEventListener("change", ({ target }) => {
  // What was typed changes no price. It ends with a press on something else: the link beside the reason must stay there.
  if (target.form?.id !== "prompt-form" || target.name === "prompt") return;
  // What the server said of the last choice is no longer about this one.
  document.getElementById("why")?.remove();
  update();
});
document.addEventListener("htmx:afterSettle", update);
// The browser may have put back what was chosen before a reload or a step back.
addEventListener("pageshow", update);
