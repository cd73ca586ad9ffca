// On a phone the filters beside the search field are folded behind a button, unless one of them is set.
const form = document.querySelector("form.filters");
const button = form.querySelector(".filters-fold");
const isSet = [...form.querySelectorAll(".pick :is(select, input)")].some((field) => field.value !== "");

function fold(folded) {
  form.toggleAttribute("data-folded", folded);
  button.setAttribute("aria-expanded", String(!folded));
}

button.hidden = false;
fold(!isSet);
button.addEventListener("click", () => fold(!form.hasAttribute("data-folded")));
