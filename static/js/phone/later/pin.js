// The screens of the PIN: asking for it, and setting, changing and removing it.

import { forgot, keepForgot, keepTries, triesOf } from "../store/device.js";
import { hold, keyIdOf, unwrapped, wrapOf } from "../store/lock.js";
import { go } from "../screens/forms.js";
import { session, signOut } from "../sync/wire.js";
import { html, useEffect, useState } from "../ui/html.js";
import { t } from "../ui/i18n.js";
import { Field, Head, Icon, Notice, say } from "../ui/parts.js";
import { changePin, giveUp, removePin, setPin, weakness } from "./locking.js";

const FREE = 3; // tries before anybody has to wait
const LONGEST = 5 * 60_000;

// How long to wait yet; a clock that was turned back does not lengthen it.
function waitOf(author) {
  const { count, at } = triesOf(author);
  if (count < FREE) return 0;
  const whole = Math.min(5_000 * 2 ** (count - FREE), LONGEST);
  return Math.min(whole, Math.max(0, at + whole - Date.now()));
}

// Give the key for a PIN, or null, and count the wrong ones.
async function tried(author, pin) {
  const raw = await unwrapped(author, pin);
  keepTries(author, raw ? { count: 0, at: 0 } : { count: triesOf(author).count + 1, at: Date.now() });
  return raw;
}

function Secret({ id, label, value, onType, error = null, digits = false, fresh = false }) {
  return html`<${Field} id=${id} label=${label} value=${value} onType=${onType} error=${error} type="password" maxlength="64"
    inputmode=${digits ? "numeric" : undefined} autocomplete=${fresh ? "new-password" : "off"} />`;
}

/** What stands before everything else while the app is locked. */
export function Lock({ person, onOpen }) {
  const [pin, setPin] = useState("");
  const [said, setSaid] = useState(null);
  const [asking, setAsking] = useState(false);
  const [back, setBack] = useState(false);
  const [, tick] = useState(0);
  const wait = Math.ceil(waitOf(person.id) / 1000);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    session().then(({ id }) => (id === person.id ? setBack(forgot() === id) : location.reload()), () => {});
    return () => clearInterval(timer);
  }, []);
  const open = async (event) => {
    event.preventDefault();
    if (wait || said === "busy") return;
    setSaid("busy");
    const raw = await tried(person.id, pin);
    setPin("");
    if (!raw) return setSaid("wrong");
    await hold(person.id, keyIdOf(person.id), raw);
    return onOpen();
  };
  const leave = async () => {
    try {
      await signOut();
    } catch (error) {
      if (error.status !== 401) return setSaid("offline");
    }
    keepForgot(person.id);
    return location.assign("/sign-in?next=/phone/");
  };
  const renew = async () => {
    await giveUp(person.id);
    keepForgot("");
    keepTries(person.id, { count: 0, at: 0 });
    location.replace("/phone/#/pin");
    location.reload();
  };
  const wrong = said === "wrong" ? t("Wrong PIN. Nothing is deleted, however often it is wrong.") : null;
  return html`<${Head} title=${t("Locked")} lead=${person.name} />
    <main class="page"><form class="form" onSubmit=${open}>
      <${Secret} id="pin" label=${t("PIN")} value=${pin} onType=${setPin} error=${wrong} digits=${wrapOf(person.id)?.digits} />
      <button class="button primary wide" type="submit" disabled=${wait > 0 || said === "busy"}><${Icon} name="check" />${t("Unlock")}</button>
      ${wait > 0 && html`<p class="quiet" role="status">${t("Try again in {seconds} seconds", { seconds: wait })}</p>`}</form>
      ${back ? html`<section class="block"><p>${t("You have signed in again: go on without the forgotten PIN.")}</p>
        <button class="button wide" type="button" onClick=${renew}>${t("Open, then choose a new PIN")}</button></section>`
      : html`<button class="button plain wide" type="button" aria-expanded=${String(asking)} onClick=${() => setAsking(!asking)}>${t("PIN forgotten?")}</button>`}
      ${asking && !back && html`<section class="block">
        <p>${t("Sign in again with the password or a card; this needs the network. Unsent records still go out, the homes are fetched again; forms half filled in are lost.")}</p>
        <button class="button wide" type="button" onClick=${leave}>${t("Sign in again")}</button>
        ${said === "offline" && html`<p class="error" role="alert"><${Icon} name="circle-alert" />${t("No connection: signing out needs the network")}</p>`}
      </section>`}
      <a class="button plain wide" href="/sign-in?next=/phone/">${t("Somebody else signs in")}</a>
    </main>`;
}

/** Set, change or remove the PIN. */
export function Pin({ person }) {
  const has = keyIdOf(person.id) !== null;
  const [values, setValues] = useState({ old: "", fresh: "", again: "" });
  const [wrong, setWrong] = useState({});
  const [busy, setBusy] = useState(false);
  const type = (field) => (value) => setValues((before) => ({ ...before, [field]: value }));
  const done = (text) => {
    say(text);
    go("#/device");
  };
  const checked = async (work) => {
    setBusy(true);
    setWrong({});
    try {
      const raw = has ? !waitOf(person.id) && await tried(person.id, values.old) : true;
      if (raw) await work(raw);
      else setWrong({ old: waitOf(person.id) ? t("Wrong too often: wait a little") : t("Wrong PIN") });
    } finally {
      setBusy(false);
    }
  };
  const keep = (event) => {
    event.preventDefault();
    const weak = weakness(values.fresh);
    if (weak) return setWrong({ fresh: weak === "length" ? t("Four to eight digits, or at least four letters") : t("Too easy to guess: choose another") });
    if (values.fresh !== values.again) return setWrong({ again: t("Not the same as above: type it again") });
    return checked(async (raw) => {
      if (has) await changePin(person.id, raw, values.fresh);
      else if (!(await setPin(person.id, values.fresh))) return setWrong({ fresh: t("Press Send now once, then set the PIN") });
      return done(t("PIN kept"));
    });
  };
  const remove = () => checked(async () => {
    await removePin(person.id);
    done(t("PIN removed"));
  });
  const usable = globalThis.crypto?.subtle && navigator.locks;
  return html`<${Head} title=${t("PIN")} back="#/device" />
    <main class="page"><form class="form" onSubmit=${keep}>
      <p>${t("With a PIN the app locks itself, and what it keeps here is encrypted. A PIN slows whoever has the phone; it does not stop them.")}</p>
      ${!usable && html`<${Notice} tone="attention" icon="circle-alert">${t("This browser cannot encrypt here.")}</>`}
      ${has && html`<${Secret} id="old" label=${t("PIN until now")} value=${values.old} onType=${type("old")} error=${wrong.old} digits=${wrapOf(person.id).digits} />`}
      <${Secret} id="fresh" label=${t("New PIN: 4 to 8 digits, or words")} value=${values.fresh} onType=${type("fresh")} error=${wrong.fresh} fresh />
      <${Secret} id="again" label=${t("The new PIN again")} value=${values.again} onType=${type("again")} error=${wrong.again} fresh />
      <button class="button primary wide" type="submit" disabled=${busy || !usable}><${Icon} name="check" />${t("Keep this PIN")}</button></form>
      ${has && html`<button class="button wide" type="button" disabled=${busy} onClick=${remove}>${t("Remove the PIN")}</button>
      <button class="button wide" type="button" onClick=${() => location.reload()}>${t("Lock now")}</button>`}
    </main>`;
}
