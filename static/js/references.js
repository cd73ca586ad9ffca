// Reference images: pasted, dropped anywhere on the page, or chosen; shown small, moved, removed, and refused at once by
// name. The list on the page is the truth; the form's file input is kept in step with it.
const MAX_BYTES = 50 * 2 ** 20;
const fileOf = new WeakMap();

const area = () => document.getElementById("refs");
const chips = () => [...area().querySelectorAll(".ref-list > .ref")];

function limit() {
  const form = area().closest("form");
  return JSON.parse(form.dataset.offer)[form.elements.model.value];
}

// A type is guessed from the name, if at all; the server reads the content. Refused here is only what is surely something
// else: other media types, and other image types that browsers know by name.
const OTHER_TYPE = /^(audio|video|font|text|model)\/|^application\/(pdf|zip|json|xml|gzip|msword|vnd\.|x-)|^image\/(gif|bmp|tiff|svg\+xml|avif|hei[cf]|jxl|x-icon|vnd\.)/;

function problem(file) {
  const { wrongType, tooLarge, oneTooMany } = area().dataset;
  if (OTHER_TYPE.test(file.type)) return wrongType;
  if (file.size > MAX_BYTES) return tooLarge;
  return chips().length >= limit().references ? oneTooMany : "";
}

function bytes(size) {
  const [unit, amount] = size < 1e6 ? ["kilobyte", Math.ceil(size / 1e3)] : ["megabyte", size / 1e6];
  const style = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(amount);
}

function chipOf(file) {
  const chip = document.getElementById("reference-template").content.firstElementChild.cloneNode(true);
  for (const words of chip.querySelectorAll(".unseen")) words.textContent = words.textContent.replace("{name}", file.name);
  const image = chip.querySelector("img");
  image.alt = file.name;
  image.src = URL.createObjectURL(file);
  chip.querySelector(".ref-size").textContent = bytes(file.size);
  fileOf.set(chip, file);
  return chip;
}

function tell(problems) {
  const list = document.getElementById("id_references_error");
  list.replaceChildren(...problems.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
  if (problems.length) document.dispatchEvent(new CustomEvent("announce", { detail: problems.join(" ") }));
}

// The number of chips goes along with the files: what arrives must be what the page showed.
function keepInStep() {
  const transfer = new DataTransfer();
  for (const chip of chips()) if (fileOf.has(chip)) transfer.items.add(fileOf.get(chip));
  const { elements } = area().closest("form");
  document.getElementById("id_references").files = transfer.files;
  elements.reference_count.value = chips().length;
  elements.reference_count.dispatchEvent(new Event("input", { bubbles: true }));
}

// A browser that goes back fills the file input as it was left; the chips are made from what is in it.
function showChosen() {
  if (!area()) return;
  const chosen = [...document.getElementById("id_references").files];
  const shown = chips().filter((chip) => fileOf.has(chip));
  if (chosen.length !== shown.length || shown.some((chip, at) => fileOf.get(chip) !== chosen[at])) {
    shown.forEach(drop);
    add(chosen);
  }
  keepInStep();
}

function add(files) {
  const problems = [];
  for (const file of files) {
    const wrong = problem(file);
    if (wrong) problems.push(wrong.replace("{name}", file.name));
    else area().querySelector(".ref-list").append(chipOf(file));
  }
  showTools();
  keepInStep();
  tell(problems);
}

function drop(chip) {
  URL.revokeObjectURL(chip.querySelector("img").src);
  chip.remove();
}

function remove(chip) {
  const next = chip.nextElementSibling ?? chip.previousElementSibling;
  drop(chip);
  (next?.querySelector(".ref-remove") ?? document.getElementById("id_references")).focus();
  keepInStep();
  tellIfTooMany();
}

function move(chip, by) {
  const other = by < 0 ? chip.previousElementSibling : chip.nextElementSibling;
  // Files that the server keeps already come before those still to be sent.
  if (!other || fileOf.has(other) !== fileOf.has(chip)) return;
  if (by < 0) other.before(chip);
  else other.after(chip);
  chip.querySelector(`[data-by="${by}"]`).focus();
  keepInStep();
}

function tellIfTooMany() {
  tell(chips().length > limit().references ? [limit().tooMany] : []);
}

function showTools() {
  area()?.querySelectorAll(".ref-tools[hidden]").forEach((tools) => { tools.hidden = false; });
}

document.addEventListener("change", ({ target }) => {
  if (target.id === "id_references") add([...target.files]);
  if (target.id !== "id_model") return;
  document.getElementById("references-hint").textContent = limit().hint;
  tellIfTooMany();
});

document.addEventListener("click", ({ target }) => {
  const chip = target.closest?.(".ref-list > .ref");
  if (!chip) return;
  if (target.closest(".ref-remove")) remove(chip);
  const mover = target.closest(".ref-move");
  if (mover) move(chip, Number(mover.dataset.by));
});

// Office programs put a picture of the text beside the text; a file manager puts the file's name there.
function isText(clipboard) {
  const text = clipboard.getData("text/plain").trim();
  const names = [...clipboard.files].map((file) => file.name);
  return text !== "" && !text.split(/\r?\n|\r/).every((line) => names.includes(line.trim().split("/").at(-1)));
}

document.addEventListener("paste", (event) => {
  const { clipboardData } = event;
  if (!area() || !clipboardData.files.length || isText(clipboardData)) return;
  event.preventDefault();
  add([...clipboardData.files]);
});

const carriesFiles = (event) => area() && event.dataTransfer?.types.includes("Files");
const mark = (on) => area()?.closest("form").toggleAttribute("data-drop", on);
document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  mark(true);
});
document.addEventListener("dragleave", ({ relatedTarget }) => { if (!relatedTarget) mark(false); });
document.addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  mark(false);
  add([...event.dataTransfer.files]);
});

// What is chosen while an order is on its way belongs to the next one.
let sent = [];
const isForm = (element) => element?.id === "prompt-form";
document.addEventListener("htmx:beforeRequest", ({ target }) => { if (isForm(target)) sent = chips(); });
document.addEventListener("submitted", () => {
  sent.forEach(drop);
  keepInStep();
  tell([]);
});

// A refused form comes back with the files that were sent, and without those chosen meanwhile.
let later = [];
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "prompt-form") later = chips().filter((chip) => fileOf.has(chip) && !sent.includes(chip)).map((chip) => fileOf.get(chip));
});
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (!isForm(target)) return;
  const problems = [...document.querySelectorAll("#id_references_error li")].map((line) => line.textContent);
  if (later.length) add(later.splice(0));
  else keepInStep();
  if (problems.length) tell(problems);
});

// The browser sends nothing when a file changed on disk, and says no more than that the request failed.
async function isUnreadable(chip) {
  try {
    await fileOf.get(chip).slice(0, 1).arrayBuffer();
    return false;
  } catch {
    return true;
  }
}
document.addEventListener("htmx:sendError", async ({ target }) => {
  if (!isForm(target)) return;
  const files = chips().filter((chip) => fileOf.has(chip));
  const unreadable = await Promise.all(files.map(isUnreadable));
  const names = files.filter((_, at) => unreadable[at]).map((chip) => fileOf.get(chip).name);
  if (!names.length) return;
  tell(names.map((name) => area().dataset.changed.replace("{name}", name)));
  document.dispatchEvent(new CustomEvent("unsent", { detail: "changed" }));
});

// Chosen before a reload or a new sign-in, and not here any more: draft.js knows the names.
document.addEventListener("missing-references", ({ detail }) => {
  if (area()) tell([area().dataset.chooseAgain.replace("{names}", new Intl.ListFormat(document.documentElement.lang).format(detail))]);
});

document.addEventListener("htmx:afterSettle", showTools);
showTools();
showChosen();
addEventListener("pageshow", showChosen);
