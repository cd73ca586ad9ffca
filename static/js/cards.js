// Asks after the cards that are still moving, all in one request (seldom while the tab is hidden), and now and then, when
// none is, whether others made something; tells when one has finished: aloud, and by the tab's title and icon when nobody is looking.
const MOVING = ["waiting", "sending", "running"];
const EVERY = 2000;
const HIDDEN_TICKS = 5;
const IDLE_TICKS = 10;
const known = new Map();
const title = document.title;
const icon = document.querySelector("link[rel=icon]");
const plainIcon = icon?.href;
let tick = 0;

function look() {
  tick += 1;
  const isMoving = document.querySelector("[name=card]");
  const since = document.getElementById("since");
  const asksForNews = since && !document.hidden && tick % IDLE_TICKS === 0;
  if (since) since.disabled = !asksForNews;
  if (!asksForNews && (!isMoving || (document.hidden && tick % HIDDEN_TICKS))) return;
  for (const poller of document.querySelectorAll("[data-poll]")) poller.dispatchEvent(new Event("look"));
}

function finished() {
  const done = [];
  for (const card of document.querySelectorAll("[data-generation][data-state]")) {
    const { generation, state } = card.dataset;
    if (MOVING.includes(known.get(generation)) && !MOVING.includes(state)) done.push(card);
    known.set(generation, state);
  }
  return done;
}

function tell(cards) {
  const state = (card) => card.querySelector(".state").textContent.trim();
  const words = cards.map((card) => `${state(card)}: ${card.querySelector("h1, h3").textContent.trim()}`);
  document.dispatchEvent(new CustomEvent("announce", { detail: words.join(". ") }));
  if (!document.hidden) return;
  document.title = `${state(cards.at(-1))} · ${title}`;
  if (icon) icon.href = document.querySelector("[data-poll]").dataset.done;
}

finished();
setInterval(look, EVERY);
document.addEventListener("htmx:afterSettle", () => {
  const cards = finished();
  if (cards.length) tell(cards);
});
addEventListener("focus", comeBack);
document.addEventListener("visibilitychange", comeBack);
function comeBack() {
  if (document.hidden) return;
  document.title = title;
  if (icon) icon.href = plainIcon;
  tick = -1;
  look();
}
