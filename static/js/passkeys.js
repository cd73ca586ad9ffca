// Asks the device for a passkey when a form is sent: <form data-passkey="create|get">, with the options in
// #passkey-options or at data-source. The answer goes into the form's `credential`, and the form to the site.
const unable = () => !window.PublicKeyCredential?.parseRequestOptionsFromJSON;

async function options(form) {
  if (!form.dataset.source) return JSON.parse(document.getElementById("passkey-options").textContent).publicKey;
  const answer = await fetch(form.dataset.source, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()).request_options.publicKey;
}

async function ask(form) {
  const wanted = await options(form);
  if (form.dataset.passkey === "get") {
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(wanted) });
  }
  // A key that can sign in by itself, and asks who holds it.
  const selection = { ...wanted.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required" };
  return navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON({ ...wanted, authenticatorSelection: selection }),
  });
}

const REASONS = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known", SecurityError: "unsafe" };

function complain(form, reason) {
  const words = form.querySelector("[data-trouble]");
  words.textContent = words.dataset[reason];
  words.hidden = false;
  document.dispatchEvent(new CustomEvent("announce", { detail: words.textContent }));
}

async function send(form) {
  form.querySelector("[data-trouble]").hidden = true;
  if (!window.isSecureContext) return complain(form, "unsafe");
  if (unable()) return complain(form, "unable");
  try {
    form.elements.credential.value = JSON.stringify(await ask(form));
    form.submit();
  } catch (error) {
    complain(form, REASONS[error.name] ?? "other");
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-passkey]")) return;
  event.preventDefault();
  send(event.target);
});
