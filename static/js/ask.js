// A link marked data-dialog="ID" leads to a page that asks before something is done. With scripts, the dialog of
// that id, which holds the same question, asks on the spot.

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  const dialog = link && !elsewhere && document.getElementById(link.dataset.dialog);
  if (!dialog) return;
  event.preventDefault();
  dialog.showModal();
});
