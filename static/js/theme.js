// Light or dark at once; the form still tells the server, which renders it from then on.
document.addEventListener("submit", (event) => {
  const form = event.target.closest(".themes");
  if (!form) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  const theme = body.get("theme");
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  form.querySelectorAll("[name=theme]").forEach((button) => button.setAttribute("aria-pressed", button.value === theme));
  fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true, signal: AbortSignal.timeout(10_000) });
});
