// Ticks every <time datetime="…" data-clock> once a second, as m:ss since that moment.
function tick() {
  for (const clock of document.querySelectorAll("time[data-clock]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dateTime)) / 1000));
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
  // After two minutes the words say that it takes long: data-late, from data-since on.
  for (const state of document.querySelectorAll("[data-late]")) {
    if (Date.now() - Date.parse(state.dataset.since) > 120_000) state.textContent = state.dataset.late;
  }
}

tick();
setInterval(tick, 1000);
