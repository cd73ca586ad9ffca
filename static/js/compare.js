// Of two pictures that lie on each other, a slider says where the first one ends.
const slider = document.querySelector(".compare-slider");
slider?.addEventListener("input", () => slider.parentElement.style.setProperty("--at", `${slider.value}%`));
