// Times of the reader: in the zone they chose, else in the browser's; by the site's clock, whatever this computer's says.
//   <time datetime="…" data-local="time|day">   day and time, or the day
//   <time datetime="…" data-ago>                "4 minutes ago", kept true
//   <time datetime="…" data-clock>              m:ss since then, each second; never less than it said before
//   <span data-since="…" data-late="…">         says data-late two minutes after data-since
const { lang, dataset } = document.documentElement;
const words = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60]];
const LATE = 120;
const TRUSTED = 3_000; // milliseconds that an answer may take

let zone = dataset.zone || undefined;
let formats;
try {
  formats = formatsIn(zone);
} catch { // a zone that this browser doesn't know
  zone = undefined;
  formats = formatsIn(zone);
}

function formatsIn(timeZone) {
  return {
    time: new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short", timeZone }),
    day: new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeZone }),
  };
}

// How far the site's clock is ahead of this computer's, in milliseconds. A page that is shown again tells an old time.
let ahead = 0;
const isShownAgain = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
if (!isShownAgain) setClock(dataset.now);
document.addEventListener("htmx:afterOnLoad", ({ detail }) => setClock(detail.xhr.getResponseHeader("Date")));

function setClock(told) {
  const difference = Date.parse(told) - Date.now();
  if (Number.isFinite(difference)) ahead = Math.abs(difference) > TRUSTED ? difference : 0;
}

const secondsSince = (moment) => (Date.now() + ahead - Date.parse(moment)) / 1000;

const shown = new Map();
function tick() {
  for (const clock of document.querySelectorAll("time[data-clock]")) {
    const seconds = Math.max(0, Math.floor(secondsSince(clock.dateTime)), shown.get(clock.dateTime) ?? 0);
    shown.set(clock.dateTime, seconds);
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
  for (const state of document.querySelectorAll("[data-late]")) {
    if (secondsSince(state.dataset.since) > LATE) state.textContent = state.dataset.late;
  }
}

function tell() {
  for (const time of document.querySelectorAll("time[data-local]")) {
    time.textContent = formats[time.dataset.local].format(new Date(time.dateTime));
    time.dataset.told = "";
  }
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = Math.max(0, secondsSince(time.dateTime));
    const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? ["second", Infinity];
    time.textContent = words.format(-Math.floor(seconds / length), unit);
    time.title = formats.time.format(new Date(time.dateTime));
  }
}

function update() {
  tick();
  tell();
}

update();
setInterval(tick, 1000);
setInterval(tell, 30_000);
document.addEventListener("htmx:afterSettle", update);
