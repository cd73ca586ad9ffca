// The button "Tell me in this browser". The browser asks its person, then its push service, and says to the site where it
// is to be told. Without the means for it the button stays hidden.
const part = document.getElementById("push");
const [start, stop] = part.querySelectorAll("button");
const words = part.querySelector("[role=status]");
const token = part.querySelector("[name=csrfmiddlewaretoken]").value;

async function show() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  const subscription = await registration?.pushManager.getSubscription();
  start.hidden = Boolean(subscription);
  stop.hidden = !subscription;
  words.textContent = subscription ? part.dataset.on : part.dataset.off;
  return subscription;
}

async function post(address, data) {
  const body = new URLSearchParams({ ...data, csrfmiddlewaretoken: token });
  const answer = await fetch(address, { method: "POST", body });
  if (!answer.ok) throw new Error(answer.status);
}

function save(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  return post(part.dataset.subscribe, { endpoint, p256dh: keys.p256dh, auth: keys.auth });
}

start.addEventListener("click", async () => {
  try {
    if (await Notification.requestPermission() !== "granted") throw new Error("refused");
    await navigator.serviceWorker.register("/service-worker.js");
    const { pushManager } = await navigator.serviceWorker.ready;
    await save(await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: part.dataset.key }));
    await show();
  } catch (error) {
    words.textContent = error.message === "refused" ? part.dataset.refused : part.dataset.failed;
  }
});

stop.addEventListener("click", async () => {
  try {
    const subscription = await show();
    if (subscription) {
      await post(part.dataset.unsubscribe, { endpoint: subscription.endpoint });
      await subscription.unsubscribe();
    }
    await show();
  } catch {
    words.textContent = part.dataset.failed;
  }
});

if ("serviceWorker" in navigator && "PushManager" in window) {
  part.hidden = false;
  // Said again, since a new password or a new sign-in makes it another session.
  show().then((subscription) => subscription && save(subscription)).catch(() => { words.textContent = part.dataset.failed; });
}
