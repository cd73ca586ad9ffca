// Drags the pictures of a collection to their places: a list marked data-sort="ADDRESS" of items with data-id. The server is
// told which was put before or after which, and draws the list anew. Without a mouse, and without scripts, buttons do it.
let dragged = null;
let target = null;

const itemAt = (node) => node.closest?.("[data-sort] > [data-id]");

function mark(item, where) {
  if (target && target !== item) delete target.dataset.drop;
  target = item;
  if (item) item.dataset.drop = where;
}

// The half of an item that is nearer to where one reads on from is "after".
function sideOf(item, x) {
  const box = item.getBoundingClientRect();
  const isRight = x > box.left + box.width / 2;
  return isRight === (getComputedStyle(item).direction === "ltr") ? "after" : "before";
}

document.addEventListener("dragstart", (event) => {
  dragged = itemAt(event.target);
  if (!dragged) return;
  dragged.dataset.dragged = "";
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.id);
});

document.addEventListener("dragover", (event) => {
  const item = dragged && itemAt(event.target);
  if (!item) return;
  event.preventDefault();
  if (item === dragged) mark(null);
  else mark(item, sideOf(item, event.clientX));
});

document.addEventListener("drop", (event) => {
  if (!dragged || !target) return;
  event.preventDefault();
  const list = target.parentElement;
  const values = { move: `${dragged.dataset.id} ${target.dataset.drop} ${target.dataset.id}`, csrfmiddlewaretoken: document.querySelector("#arranged [name=csrfmiddlewaretoken]").value };
  target[target.dataset.drop](dragged);
  htmx.ajax("POST", list.dataset.sort, { values, target: "#arranged", select: "#arranged", swap: "outerHTML" });
});

document.addEventListener("dragend", () => {
  mark(null);
  if (dragged) delete dragged.dataset.dragged;
  dragged = null;
});
