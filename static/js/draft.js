// What was typed survives a reload and a sign-in: kept in this browser, for this person and team, until it is sent.
const FIELDS = ["prompt", "model", "size", "quality", "n", "visibility"];
const form = () => document.getElementById("prompt-form");
const name = () => `draft.${form().dataset.draft}`;

// A browser may forbid the storage; the form works without it.
function storage(act) {
  try {
    return act(localStorage);
  } catch {
    return null;
  }
}

function keep() {
  const values = Object.fromEntries(FIELDS.map((field) => [field, form().elements[field].value]));
  storage((local) => (values.prompt.trim() ? local.setItem(name(), JSON.stringify(values)) : local.removeItem(name())));
}

function restore() {
  const kept = storage((local) => JSON.parse(local.getItem(name())));
  const { elements } = form();
  if (!kept || "bound" in form().dataset || elements.prompt.value) return;
  for (const field of FIELDS) {
    const before = elements[field].value;
    elements[field].value = kept[field] ?? before;
    if (!elements[field].value) elements[field].value = before;
  }
  elements.model.dispatchEvent(new Event("change", { bubbles: true }));
}

if (form()) restore();
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => { if (target.form?.id === "prompt-form") keep(); });
}
document.addEventListener("submitted", () => storage((local) => local.removeItem(name())));
