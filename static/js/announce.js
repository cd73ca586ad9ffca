// Says a sentence to screen readers, politely. Anyone may ask: an HX-Trigger header {"announce": "Your picture is done"},
// or document.dispatchEvent(new CustomEvent("announce", {detail: "…"})).
document.addEventListener("announce", ({ detail }) => {
  const announcer = document.getElementById("announcer");
  announcer.textContent = "";
  // The same words twice are only read twice if the region was seen empty in between.
  setTimeout(() => { announcer.textContent = detail?.value ?? detail; }, 60);
});
