// Takes a text on the page home: <button data-download="id" data-name="file.txt" hidden>, <button data-print hidden>.
document.querySelectorAll("[data-download], [data-print]").forEach((button) => { button.hidden = false; });

function download({ dataset }) {
  const text = document.getElementById(dataset.download).textContent;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = dataset.name;
  link.click();
  URL.revokeObjectURL(link.href);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-download], [data-print]");
  if (button) button.dataset.download ? download(button) : window.print();
});
