// Shows the gallery's pictures one at a time, large, with their facts beside them; arrows and Esc, or a swipe; other keys are in shortcuts.js.
// Its address is the picture's own: Back closes it, and whoever is sent the link gets that picture's page. Without
// scripts each is a link to that page. What is shown of a picture is written in its item's template.
const dialog = document.getElementById("lightbox");
const stage = dialog.querySelector(".lightbox-stage");
const facts = dialog.querySelector(".lightbox-facts");
const said = document.getElementById("lightbox-said");
const download = dialog.querySelector("[data-download]");
const compare = dialog.querySelector("[data-compare]");
const heart = dialog.querySelector(".heart");
const steps = dialog.querySelectorAll("[data-step]");
let current = null;
let deleted = null; // the item of the picture deleted last, and the one that stood behind it

const list = () => document.getElementById("pictures");
const items = () => [...document.querySelectorAll("#pictures > .gallery-item")];
const linkOf = (item) => item.querySelector("a");
// The one that is there already, of the two widths.
const thumbnailOf = (item) => item.querySelector("img").currentSrc || item.querySelector("img").src;
const idOf = (item) => item.querySelector("img").dataset.image;
const itemOf = (id) => items().find((item) => idOf(item) === id);
const rightwards = () => (getComputedStyle(dialog).direction === "rtl" ? -1 : 1);

function neighbour(step) {
  const all = items();
  return (current && all[all.indexOf(current) + step]) ?? null;
}

function markEnds() {
  // Not `disabled`: the button somebody just pressed would lose the focus, and with it the arrow keys.
  for (const button of steps) button.setAttribute("aria-disabled", String(!neighbour(Number(button.dataset.step))));
}

// "5 of 76"; "5" where nobody counted; nothing on a page whose first picture is not the first of all.
function placeWords() {
  if (!current || list().dataset.first === undefined) return "";
  const figure = (number) => Number(number).toLocaleString(document.documentElement.lang);
  const place = figure(items().indexOf(current) + 1);
  const { total } = list().dataset;
  return total ? dialog.dataset.place.replace("{place}", place).replace("{total}", figure(total)) : place;
}

function framed(src, item) {
  const small = item.querySelector("img");
  const [width, height] = ["width", "height"].map((side) => Number(small.getAttribute(side)));
  const picture = new Image(width, height);
  Object.assign(picture, { src, alt: small.alt });
  picture.dataset.image = small.dataset.image;
  // As large as the stage and the original allow, and so for the thumbnail that stands in for it.
  picture.style.inlineSize = `min(100cqi, ${width}px, 100cqb * ${width / height})`;
  return picture;
}

async function enlarge(item) {
  const large = framed(linkOf(item).dataset.original, item);
  try {
    await large.decode();
  } catch {
    return; // The small one stays, and the page of its generation can say more.
  }
  if (item !== current) return;
  stage.replaceChildren(large);
  const next = neighbour(1);
  if (next) new Image().src = linkOf(next).dataset.original;
}

function show(item) {
  current = item;
  dialog.dispatchEvent(new Event("zoom-reset"));
  stage.replaceChildren(framed(thumbnailOf(item), item));
  facts.replaceChildren(item.querySelector("template").content.cloneNode(true));
  // The item is the same for everybody; the token is this person's.
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  for (const form of facts.querySelectorAll("form[method=post]")) form.append(token.cloneNode());
  htmx.process(facts);
  // New on the page, as after a swap: times become the reader's, and the button that copies is shown.
  htmx.trigger(facts, "htmx:afterSettle");
  // The same button for every picture, or whoever just pressed it would lose the focus, and with it the arrow keys.
  for (const { name, value } of item.querySelector("[data-heart]").attributes) if (name !== "class") heart.setAttribute(name, value);
  htmx.process(heart);
  download.href = linkOf(item).dataset.download;
  compare.href = `${compare.dataset.compare}?image=${idOf(item)}`;
  dialog.querySelector(".lightbox-place").textContent = placeWords();
  dialog.querySelector("p[role=status]").textContent = `${item.querySelector("img").alt} ${placeWords()}`;
  markEnds();
  enlarge(item);
}

function showNothing() {
  current = null;
  stage.replaceChildren();
  facts.replaceChildren();
  markEnds();
}

const remember = (item) => history.replaceState({ picture: idOf(item) }, "", linkOf(item).href);

function open(item) {
  // A state of ours, or htmx would take Back for a page that it has to fetch; and moving on scrolls the page along.
  history.replaceState({ gallery: true }, "");
  history.scrollRestoration = "manual";
  history.pushState({ picture: idOf(item) }, "", linkOf(item).href);
  dialog.showModal();
  show(item);
}

function turnTo(item) {
  // The page scrolls along, so that the next page is fetched in time and closing ends where one is.
  item.scrollIntoView({ block: "center" });
  remember(item);
  show(item);
}

function move(step) {
  const item = neighbour(step);
  if (item) turnTo(item);
}

// Back closes it, and Forward opens it again, if its picture is still on the page.
addEventListener("popstate", ({ state }) => {
  if (!state?.picture) {
    if (dialog.open) dialog.close();
    history.scrollRestoration = "auto";
    return;
  }
  const item = itemOf(state.picture);
  if (!item) return location.reload();
  if (!dialog.open) dialog.showModal();
  show(item);
});

dialog.addEventListener("close", () => {
  if (current) linkOf(current).focus({ preventScroll: true });
  showNothing();
  said.replaceChildren();
  if (history.state?.picture) history.back();
});

document.addEventListener("binned", ({ detail }) => {
  const item = itemOf(detail.image);
  if (!item) return;
  const next = neighbour(1) ?? neighbour(-1);
  deleted = { item, behind: item.nextElementSibling };
  item.remove();
  countAnew(-1);
  if (next) turnTo(next);
  else showNothing();
});

document.addEventListener("restored", ({ detail }) => {
  if (!deleted || idOf(deleted.item) !== detail.image) return;
  list().insertBefore(deleted.item, deleted.behind?.isConnected ? deleted.behind : null);
  countAnew(1);
  turnTo(deleted.item);
  deleted = null;
});

function countAnew(more) {
  const { dataset } = list();
  if (dataset.total) dataset.total = Number(dataset.total) + more;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".gallery-item > a");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open(link.parentElement);
});

dialog.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-step]");
  if (button) move(Number(button.dataset.step));
  else if (target === stage && !("moved" in dialog.dataset)) dialog.close();
});

dialog.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest?.("input, textarea, select")) return;
  if (event.key === "ArrowRight") move(rightwards());
  else if (event.key === "ArrowLeft") move(-rightwards());
  else return;
  event.preventDefault();
});

stage.addEventListener("swipe", ({ detail }) => move(detail === "left" ? rightwards() : -rightwards()));

document.addEventListener("htmx:afterSwap", markEnds);
