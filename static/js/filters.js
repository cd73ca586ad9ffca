// On a phone the filters beside the search field are folded behind a button; the page comes folded unless one is set.
const form = document.querySelector("form.filters");
const button = form.querySelector(".filters-fold");

button.addEventListener("click", () => {
  const folded = form.toggleAttribute("data-folded");
  button.setAttribute("aria-expanded", String(!folded));
});
