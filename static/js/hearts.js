// The hearts of a picture, wherever the page shows them, are filled once the server has marked it, and emptied again.
document.addEventListener("favourite", ({ detail }) => {
  for (const heart of document.querySelectorAll(`[data-heart="${detail.image}"]`)) {
    heart.value = detail.marked ? "1" : "";
    heart.setAttribute("aria-pressed", String(detail.marked));
  }
});
