// Unsent work as a file: out of this phone, into the server by way of another, and what to do before signing out.

import * as book from "../store/book.js";
import * as cache from "../store/cache.js";
import { forgetMe } from "../store/device.js";
import { today } from "../rules/dates.js";
import { sync } from "../sync/loop.js";
import { Refused, signOut } from "../sync/wire.js";
import { html, useEffect, useState } from "../ui/html.js";
import { number, t } from "../ui/i18n.js";
import { Head, Icon, Notice } from "../ui/parts.js";
import { filesOf, handIn, NotOurs } from "./files.js";

/** Files out and in: all that is not sent, or one record (`op`) that could not be taken in. */
export function Rescue({ person, op = null }) {
  const unsent = op ? [op] : book.unsent(person.id);
  const title = op ? t("Hand over a record") : t("Unsent work as a file");
  return html`<${Head} title=${title} back="#/outbox" />
    <main class="page">
      <section class="block">
        <p>${t("The file is sealed: only the server can open it. Whoever carries it sees counts, no names.")}</p>
        <${Files} author=${person.id} ops=${unsent} />
        ${op && html`<${Readable} op=${op} />`}
      </section>
      ${!op && html`<${OfOthers} person=${person} />`}
      ${!op && html`<${FromOthers} />`}
    </main>`;
}

/** What stands between a tap on *Sign out* and signing out while work is unsent. */
export function Leave({ person }) {
  const [failed, setFailed] = useState(false);
  const unsent = book.unsent(person.id);
  const leave = async () => {
    try {
      await signOut();
      await cache.empty();
      forgetMe();
      location.assign("/sign-in?next=/phone/");
    } catch {
      setFailed(true);
    }
  };
  const staying = t("They stay on this phone and go out when {name} signs in here again. If the phone is handed on or lost, they are lost with it.", {
    name: person.name,
  });
  return html`<${Head} title=${t("Sign out")} back="#/outbox" />
    <main class="page">
      ${unsent.length > 0 ? html`<${Notice} tone="attention" icon="cloud-upload">
          <p><strong>${t("Records not sent yet: {count}.", { count: number(unsent.length) })}</strong></p>
          <p>${staying}</p></>
        <section class="block">
          <h2>${t("Before signing out")}</h2>
          <button class="button primary wide" type="button" onClick=${() => sync()}>
            <${Icon} name="cloud-upload" />${t("Send now")}</button>
          <${Files} author=${person.id} ops=${unsent} />
        </section>` : html`<p class="this-line"><${Icon} name="cloud-check" />
          ${t("Everything is sent. The homes are removed from this phone at signing out.")}</p>`}
      <section class="block">
        <button class=${`button wide ${unsent.length ? "danger" : "primary"}`} type="button" onClick=${leave}>
          <${Icon} name="log-out" />${unsent.length ? t("Sign out all the same") : t("Sign out")}</button>
        ${failed && html`<p class="error" role="alert">
          <${Icon} name="circle-alert" />${t("No connection: signing out needs the network")}</p>`}
      </section>
    </main>`;
}

function Files({ author, ops }) {
  const [made, setMade] = useState(null);
  const key = ops.map(({ op_id }) => op_id).join();
  useEffect(() => {
    let urls = [];
    let stale = false;
    filesOf(author, ops).then(({ files, left }) => {
      if (stale) return;
      urls = files.map((file) => URL.createObjectURL(file));
      setMade({ left, files: files.map((file, index) => ({ file, url: urls[index] })) });
    });
    return () => {
      stale = true;
      for (const url of urls) URL.revokeObjectURL(url);
    };
  }, [author, key]);
  if (!ops.length) return html`<p class="quiet">${t("Nothing is unsent: there is nothing to put into a file.")}</p>`;
  if (!made) return html`<p class="quiet" role="status">${t("Preparing the file…")}</p>`;
  const files = made.files.map(({ file }) => file);
  const sharable = files.length > 0 && navigator.canShare?.({ files });
  const share = () => navigator.share({ files, title: "Từng Nhà" }).catch(() => {}); // closing the sheet is no failure
  return html`<div class="files">
    ${made.left > 0 && html`<p class="error"><${Icon} name="circle-alert" />
      ${t("Records that cannot be put into a file until their author signs in here: {count}", { count: made.left })}</p>`}
    ${made.files.map(({ file, url }, index) => html`<a class="button wide" key=${url} href=${url} download=${file.name}>
      <${Icon} name="download" />${made.files.length > 1
        ? t("Save file {number} of {count}", { number: index + 1, count: made.files.length })
        : t("Save to a file (records: {count})", { count: number(ops.length - made.left) })}</a>`)}
    ${sharable && html`<button class="button wide" type="button" onClick=${share}>
      <${Icon} name="users" />${t("Send the file to a colleague or the commune's official")}</button>`}
  </div>`;
}

// For the author's own eyes: what was recorded, as it was meant to be sent.
function Readable({ op }) {
  const text = JSON.stringify(book.asSent(op), null, 2);
  const url = `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`;
  return html`<details class="readable">
    <summary><${Icon} name="chevron-down" />${t("A copy to read")}</summary>
    <p class="small">${t("This copy is not sealed: it may contain names. Keep it to yourself.")}</p>
    <a class="button wide" href=${url} download=${`tung-nha-${op.device_seq}-${today()}.txt`}>
      <${Icon} name="download" />${t("Save a copy to read")}</a>
  </details>`;
}

function OfOthers({ person }) {
  const others = byAuthor(book.unsentByOthers(person.id));
  if (!others.size) return null;
  return html`<section class="block">
    <h2>${t("Of other people on this phone")}</h2>
    ${[...others].map(([author, ops]) => html`<${Files} key=${author} author=${author} ops=${ops} />`)}
  </section>`;
}

function byAuthor(ops) {
  const found = new Map();
  for (const op of ops) found.set(op.author_id, [...(found.get(op.author_id) ?? []), op]);
  return found;
}

function FromOthers() {
  const [said, setSaid] = useState(null);
  const take = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    setSaid({ waiting: true });
    try {
      setSaid({ counts: await handIn(file) });
      sync();
    } catch (error) {
      setSaid({ error: refusal(error) });
    }
    event.target.value = "";
  };
  return html`<section class="block">
    <h2>${t("A colleague's file")}</h2>
    <p>${t("Hand in a file that was saved on another phone. Doing so twice changes nothing.")}</p>
    <label class="button wide file-choice" for="file"><${Icon} name="cloud-upload" />${t("Choose the file")}
      <input id="file" type="file" accept=".txt,.json,text/plain,application/json" onChange=${take} /></label>
    <div role="status">
      ${said?.waiting && html`<p class="quiet">${t("Sending")}</p>`}
      ${said?.counts && html`<${Counts} counts=${said.counts} />`}
      ${said?.error && html`<p class="error"><${Icon} name="circle-alert" />${said.error}</p>`}
    </div>
  </section>`;
}

function Counts({ counts }) {
  const lines = [
    [t("Records in the file"), counts.count],
    [t("Taken in now"), counts.taken_in],
    [t("The server had them already"), counts.known],
    [t("Wait for the commune's official"), counts.quarantined],
  ];
  return html`<dl class="counts">
    ${lines.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd class="number">${number(value)}</dd></div>`)}
  </dl>`;
}

function refusal(error) {
  if (error instanceof NotOurs) return t("This is not a file of unsent work, or it was damaged on its way.");
  if (error instanceof Refused && error.status === 401) return t("Signed out: sign in, then hand the file in.");
  if (error instanceof Refused) return error.text || t("Could not be taken in (code {code})", { code: error.code });
  return t("No connection: the file can be handed in once there is a network.");
}
