// Downloads a picture in another format as soon as it is made, where somebody waited for it.
document.addEventListener("htmx:afterSettle", () => document.querySelector("[data-download-now]")?.click());
