// Shows the gallery's pictures when they come near. A browser's own lazy loading begins 1,250 pixels ahead or more, which
// at first is most of the page; here a quarter of a window is ahead at first, and more than one once somebody scrolls.
let observer = watch("25%");
observe();

function watch(ahead) {
  return new IntersectionObserver((entries, own) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      target.dataset.near = "";
      own.unobserve(target);
    }
  }, { rootMargin: `${ahead} 0px` });
}

function observe() {
  for (const item of document.querySelectorAll(".gallery-item:not([data-near])")) observer.observe(item);
}

addEventListener("scroll", () => {
  observer.disconnect();
  observer = watch("150%");
  observe();
}, { once: true, passive: true });

document.addEventListener("htmx:afterSettle", observe);
