// Shows the gallery's pictures one at a time, large, with their facts beside them; arrows, D and Esc, or a swipe.
// Without it each is a link to its generation's page. What is shown of a picture is written in its item's template.
const dialog = document.getElementById("lightbox");
const stage = dialog.querySelector(".lightbox-stage");
const download = dialog.querySelector("[data-download]");
const steps = dialog.querySelectorAll("[data-step]");
let current = null;

const neighbour = (step) => (step < 0 ? current?.previousElementSibling : current?.nextElementSibling) ?? null;
const linkOf = (item) => item.querySelector("a");
const rightwards = () => (getComputedStyle(dialog).direction === "rtl" ? -1 : 1);

function markEnds() {
  // Not `disabled`: the button somebody just pressed would lose the focus, and with it the arrow keys.
  for (const button of steps) button.setAttribute("aria-disabled", String(!neighbour(Number(button.dataset.step))));
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
  stage.replaceChildren(framed(item.querySelector("img").src, item));
  dialog.querySelector(".lightbox-facts").replaceChildren(item.querySelector("template").content.cloneNode(true));
  download.href = linkOf(item).dataset.download;
  dialog.querySelector("[role=status]").textContent = item.querySelector("img").alt;
  markEnds();
  enlarge(item);
}

function move(step) {
  const item = neighbour(step);
  if (!item) return;
  // The page scrolls along, so that the next page is fetched in time and closing ends where one is.
  item.scrollIntoView({ block: "center" });
  show(item);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".gallery-item > a");
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
