// Shows the wall's pictures one at a time, large, with their facts beside them; arrows, D and Esc, or a swipe.
// Without it a tile is a link to its generation's page. What is shown of a picture is written in the tile's template.
const dialog = document.getElementById("lightbox");
const stage = dialog.querySelector(".lightbox-stage");
const download = dialog.querySelector("[data-download]");
const steps = dialog.querySelectorAll("[data-step]");
let current = null;

const neighbour = (step) => (step < 0 ? current?.previousElementSibling : current?.nextElementSibling) ?? null;
const linkOf = (tile) => tile.querySelector("a");
const rightwards = () => (getComputedStyle(dialog).direction === "rtl" ? -1 : 1);

function markEnds() {
  // Not `disabled`: the button somebody just pressed would lose the focus, and with it the arrow keys.
  for (const button of steps) button.setAttribute("aria-disabled", String(!neighbour(Number(button.dataset.step))));
}

function framed(src, tile) {
  const small = tile.querySelector("img");
  const [width, height] = ["width", "height"].map((side) => Number(small.getAttribute(side)));
  const picture = new Image(width, height);
  Object.assign(picture, { src, alt: small.alt });
  picture.dataset.image = small.dataset.image;
  // As large as the stage and the original allow, and so for the thumbnail that stands in for it.
  picture.style.inlineSize = `min(100cqi, ${width}px, 100cqb * ${width / height})`;
  return picture;
}

async function enlarge(tile) {
  const large = framed(linkOf(tile).dataset.original, tile);
  try {
    await large.decode();
  } catch {
    return; // The small one stays, and the page of its generation can say more.
  }
  if (tile !== current) return;
  stage.replaceChildren(large);
  const next = neighbour(1);
  if (next) new Image().src = linkOf(next).dataset.original;
}

function show(tile) {
  current = tile;
  stage.replaceChildren(framed(tile.querySelector("img").src, tile));
  dialog.querySelector(".lightbox-facts").replaceChildren(tile.querySelector("template").content.cloneNode(true));
  download.href = linkOf(tile).dataset.download;
  dialog.querySelector("[role=status]").textContent = tile.querySelector("img").alt;
  markEnds();
  enlarge(tile);
}

function move(step) {
  const tile = neighbour(step);
  if (!tile) return;
  // The wall follows, so that the next page is fetched in time and closing ends where one is.
  tile.scrollIntoView({ block: "center" });
  show(tile);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".tile > a");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  dialog.showModal();
  show(link.parentElement);
});

dialog.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-step]");
  if (button) move(Number(button.dataset.step));
  else if (target === stage) dialog.close();
});

dialog.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.key === "ArrowRight") move(rightwards());
  else if (event.key === "ArrowLeft") move(-rightwards());
  else if (event.key.toLowerCase() === "d") download.click();
  else return;
  event.preventDefault();
});

stage.addEventListener("swipe", ({ detail }) => move(detail === "left" ? rightwards() : -rightwards()));

dialog.addEventListener("close", () => {
  linkOf(current).focus({ preventScroll: true });
  current = null;
  stage.replaceChildren();
});

document.addEventListener("htmx:afterSwap", markEnds);
