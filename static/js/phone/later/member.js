// One person of a home in the visit's form: a line to glance at, opened to change.

import { LABEL_AT_MOST } from "../rules/observations.js";
import { AREAS } from "../rules/skills.js";
import { ACCOUNTS, PHONES, SEXES } from "../rules/vocabulary.js";
import { html, useEffect, useRef, useState } from "../ui/html.js";
import { t } from "../ui/i18n.js";
import { Choice, Field, Icon } from "../ui/parts.js";
import { problem, word } from "../ui/words.js";
import { skillWords } from "./home.js";
import { memberName } from "../screens/names.js";

const FIRST_DECADE = 1920;
const PICTURES = {
  find_information: "search", check_truth: "scan-search", message_call: "message-circle", public_services: "landmark",
  photo_video: "camera", document_form: "file-text", passwords_privacy: "key-round", recognise_scams: "shield-alert",
  install_apps: "download", shop_online: "shopping-cart", pay_online: "qr-code", learn_online: "graduation-cap",
};

const isBlank = ({ label, sex, birth_year, phone, account, skills }) =>
  !label && sex === "unknown" && birth_year === null && phone === "unknown" && account === "unknown" && skills === null;

/** One person: who it is comes first for somebody new, what may have changed for somebody known. */
export function Member({ member, index, year, named, open, onOpen, onChange, onAnother, onRemove, errors }) {
  const [added] = useState(() => isBlank(member));
  const place = useRef(null);
  useEffect(() => {
    if (!added || !open) return;
    place.current.scrollIntoView({ block: "start" });
    place.current.querySelector("input").focus({ preventScroll: true });
  }, []);
  const name = (part) => `${part}-${member.id}`;
  const birthError = errors.filter(({ field }) => field.includes("birth_year")).map(({ code }) => problem(code))[0];
  const shown = open || errors.length > 0;
  const who = html`
    <${Choice} legend=${t("Sex")} name=${name("sex")} look="columns-3" value=${member.sex}
      options=${SEXES.map((code) => [code, word("sex", code)])} onChoose=${(sex) => onChange({ sex })} />
    <${Birth} id=${name("birth")} member=${member} year=${year} error=${birthError} onChange=${onChange} />
    ${named && html`<${Field} id=${name("label")} label=${t("Short name")}
      hint=${t("As neighbours would say it; no full name needed")} value=${member.label} maxlength=${LABEL_AT_MOST}
      autocomplete="off" onType=${(label) => onChange({ label: label || null })} />`}`;
  return html`<div class=${`member ${shown ? "open" : ""}`} ref=${place}>
    <button class="member-line" type="button" aria-expanded=${shown ? "true" : "false"} onClick=${() => onOpen(!shown)}>
      <span class="person-name">${memberName(member, index, year)}</span>
      <span class="person-facts">
        <span><${Icon} name="smartphone" />${word("phone", member.phone)}</span>
        <span><${Icon} name="landmark" />${t("Account:")} ${word("account", member.account)}</span>
        <span><${Icon} name="chart-column" />${skillWords(member)}</span>
      </span>
      <${Icon} name="chevron-down" />
    </button>
    ${shown && html`<div class="member-form">
      ${added && who}
      <${Choice} legend=${t("Own phone")} name=${name("phone")} value=${member.phone}
        options=${PHONES.map((code) => [code, word("phone", code)])} onChoose=${(phone) => onChange({ phone })} />
      <${Choice} legend=${t("Account at a bank or another permitted organisation")} name=${name("account")} value=${member.account}
        options=${ACCOUNTS.map((code) => [code, word("account", code)])} onChoose=${(account) => onChange({ account })} />
      <${Skills} name=${name("skills")} skills=${member.skills} onChange=${(skills) => onChange({ skills })} />
      ${!added && who}
      ${added && html`<button class="button" type="button" onClick=${onAnother}>
        <${Icon} name="user-plus" />${t("Done, add another person")}</button>`}
      <button class="button danger" type="button" onClick=${onRemove}><${Icon} name="x" />${t("Remove from this home")}</button>
    </div>`}
  </div>`;
}

function Birth({ id, member, year, error, onChange }) {
  const decades = [];
  for (let first = FIRST_DECADE; first <= year; first += 10) decades.push(first);
  const band = member.birth_year_to === null ? "" : `${member.birth_year}-${member.birth_year_to}`;
  const offered = decades.map((first) => `${first}-${first + 9}`);
  const type = (text) => {
    const digits = text.replace(/\D/g, "").slice(0, 4);
    onChange({ birth_year: digits ? Number(digits) : null, birth_year_to: null });
  };
  const choose = (text) => {
    const [from, to] = text ? text.split("-").map(Number) : [null, null];
    onChange({ birth_year: from, birth_year_to: to });
  };
  return html`<div class="birth">
    <${Field} id=${id} label=${t("Birth year")} inputmode="numeric" maxlength="4" autocomplete="off" error=${error}
      value=${band ? "" : member.birth_year} onType=${type} />
    <div class="field">
      <label for=${`${id}-band`}>${t("or about")}</label>
      <select class="input" id=${`${id}-band`} value=${band} onChange=${(event) => choose(event.target.value)}>
        <option value="">–</option>
        ${band && !offered.includes(band) && html`<option value=${band}>${band.replace("-", "–")}</option>`}
        ${offered.map((each) => html`<option value=${each} key=${each}>${each.replace("-", "–")}</option>`)}
      </select>
    </div>
  </div>`;
}

function Skills({ name, skills, onChange }) {
  const toggle = (activity) => {
    const has = skills.includes(activity);
    onChange(has ? skills.filter((each) => each !== activity) : [...skills, activity]);
  };
  return html`<div class="group">
    <${Choice} legend=${t("Digital skills")} name=${name} look="columns-2" value=${skills !== null}
      options=${[[true, t("Asked")], [false, t("Not asked")]]} onChoose=${(asked) => onChange(asked ? [] : null)} />
    ${skills !== null && html`<p class="quiet small">${t("What have they done alone in the last three months?")}</p>`}
    ${skills !== null && Object.entries(AREAS).map(([area, activities]) => html`<fieldset class="chips" key=${area}>
      <legend>${word("area", area)}</legend>
      <div class="questions">${activities.map((code) => html`<label class="chip question" key=${code}>
        <input type="checkbox" name=${`${name}-${area}`} value=${code} checked=${skills.includes(code)} onChange=${() => toggle(code)} />
        <${Icon} name=${PICTURES[code]} /><span>${word("question", code)}</span>
        ${skills.includes(code) && html`<${Icon} name="check" />`}
      </label>`)}</div>
    </fieldset>`)}
    ${skills !== null && skills.length === 0 && html`<p class="quiet small">
      ${t("None chosen: recorded as asked, does none of them.")}</p>`}
  </div>`;
}
