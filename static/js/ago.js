// Keeps "4 minutes ago" true while the page stays open: <time datetime="…" data-ago>.
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60]];

function tell() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = Math.min(0, (Date.parse(time.dateTime) - Date.now()) / 1000);
    const [unit, length] = UNITS.find(([, length]) => -seconds >= length) ?? ["second", Infinity];
    time.textContent = words.format(Math.ceil(seconds / length), unit);
  }
}

tell();
setInterval(tell, 30_000);
document.addEventListener("htmx:afterSettle", tell);
