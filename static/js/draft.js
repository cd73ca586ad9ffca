// What was typed and chosen survives a reload and a sign-in: kept in this browser, for this person and team, until it is sent.
const FIELDS = ["prompt", "model", "size", "quality", "n", "visibility", "project"];
const form = () => document.getElementById("prompt-form");
const fields = () => [...FIELDS, ...[...form().querySelectorAll("[data-option]")].map((field) => field.name)].filter((field) => form().elements[field]);
const name = () => `draft.${form().dataset.draft}`;

// A browser may forbid the storage; the form works without it.
function storage(act) {
  try {
    return act(localStorage);
  } catch {
    return null;
  }
}

// Files can't be kept here, so their names are: the page says that they must be chosen again.
const references = () => [...form().querySelectorAll(".ref-list img")].map((image) => image.alt);

function keep() {
  const values = Object.fromEntries(fields().map((field) => [field, form().elements[field].value]));
  values.references = references();
  const empty = !values.prompt.trim() && !values.references.length;
  storage((local) => (empty ? local.removeItem(name()) : local.setItem(name(), JSON.stringify(values))));
}

function restore() {
  const kept = storage((local) => JSON.parse(local.getItem(name())));
  const { elements } = form();
  if (!kept || "bound" in form().dataset || elements.prompt.value) return;
  for (const field of fields()) {
    const before = elements[field].value;
    elements[field].value = kept[field] ?? before;
    // What is offered no more gives way; "" may be a choice, as of no project.
    const { value, selectedIndex = value ? 0 : -1 } = elements[field];
    if (selectedIndex < 0) elements[field].value = before;
  }
  elements.model.dispatchEvent(new Event("change", { bubbles: true }));
  return kept.references ?? [];
}

const names = (form() && restore()) ?? [];
// By then the browser has put back the files that it still has.
addEventListener("pageshow", () => {
  if (!form()) return;
  const here = references();
  const missing = names.splice(0).filter((one) => !here.includes(one));
  if (missing.length) document.dispatchEvent(new CustomEvent("missing-references", { detail: missing }));
}, { once: true });
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => { if (target.form?.id === "prompt-form") keep(); });
}
