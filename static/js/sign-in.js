// At sign-in: names this device, so that the session is bound to it, and says when offline cannot work.
// Self-contained on purpose: the sign-in page loads nothing else. The phone's app reads the same key.
// On a phone the app is then fetched while somebody types, so that it is there once they have signed in.

const KEY = "tung-nha.device";
const NO_OFFLINE = {
  vi: "Địa chỉ này là HTTP thường nên ứng dụng không dùng được khi mất mạng. Hãy mở địa chỉ bắt đầu bằng https.",
  en: "This address is plain HTTP: the app cannot work offline here. Open the address that begins with https.",
};

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // plain HTTP has no randomUUID
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function deviceId() {
  try {
    const known = localStorage.getItem(KEY) ?? uuid();
    localStorage.setItem(KEY, known);
    return known;
  } catch {
    return ""; // storage is switched off: signing in works, recording on this phone will not
  }
}

function deviceName() {
  const { userAgentData: data, userAgent } = navigator;
  const model = /Android [^;]*; ([^;)]+)/.exec(userAgent)?.[1];
  const system = data?.platform || /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(userAgent)?.[1];
  return (model && model !== "K" ? model : system ?? "Web").slice(0, 60);
}

function fill(form, name, value) {
  let input = form.elements.namedItem(name);
  if (!input) {
    input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    form.append(input);
  }
  input.value = value;
}

const form = document.querySelector("[data-sign-in]");
if (form) {
  fill(form, "device_id", deviceId());
  fill(form, "device_name", deviceName());
}
// A card's picture leads here with its code behind the #, which no server sees; it goes out of the address at once.
const code = document.getElementById("code");
if (code && location.hash) {
  code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
// The app may have been kept in the other language before this one was chosen here.
document.querySelector(".language")?.addEventListener("submit", ({ submitter }) => {
  localStorage.setItem("tung-nha.lang", submitter.value);
});
const connection = document.querySelector("[data-connection]");
if (connection && !globalThis.isSecureContext) {
  connection.textContent = NO_OFFLINE[document.documentElement.lang] ?? NO_OFFLINE.vi;
  connection.hidden = false;
}
// Somebody at a desk may never open the phone's app.
if (navigator.serviceWorker && matchMedia("(pointer: coarse)").matches) {
  const fetchApp = () => navigator.serviceWorker.register("/sw.js", { scope: "/phone/", updateViaCache: "none" }).catch(() => {});
  if (document.readyState === "complete") fetchApp();
  else addEventListener("load", fetchApp, { once: true });
}
