// The words for the codes of the domain, in one place so that the same thing has the same word everywhere.

import { t } from "./i18n.js";

const WORDS = {
  outcome: {
    interviewed: () => t("Interviewed"), absent: () => t("Absent"),
    refused: () => t("Refused"), moved: () => t("Moved away"),
  },
  consent: { yes: () => t("Yes"), no: () => t("No"), later: () => t("Later") },
  sex: { female: () => t("Female"), male: () => t("Male"), unknown: () => t("Not known") },
  fibre: {
    subscribed: () => t("Connected"), available: () => t("Available, not connected"),
    none: () => t("Not available"), unknown: () => t("Not known"),
  },
  device: { true: () => t("Yes, there is"), false: () => t("There is none"), null: () => t("Not known") },
  phone: {
    smartphone: () => t("Smartphone"), basic: () => t("Basic phone"),
    none: () => t("No phone"), unknown: () => t("Not known"),
  },
  account: {
    yes: () => t("Has one"), no: () => t("Has none"),
    declined: () => t("Would not say"), unknown: () => t("Not known"),
  },
  area: {
    information: () => t("Information"), communication: () => t("Communication"),
    creation: () => t("Creation"), safety: () => t("Safety"), problem_solving: () => t("Everyday tasks"),
  },
  question: {
    find_information: () => t("Looks things up on the internet?"), check_truth: () => t("Checks whether news is true?"),
    message_call: () => t("Sends messages or makes video calls (Zalo)?"),
    public_services: () => t("Handles paperwork online (VNeID, public services)?"),
    photo_video: () => t("Takes photos or videos and sends them?"), document_form: () => t("Writes a text or fills in a form?"),
    passwords_privacy: () => t("Sets a password and keeps it secret?"), recognise_scams: () => t("Tells scam calls and messages?"),
    install_apps: () => t("Installs an app without help?"), shop_online: () => t("Buys or sells online?"),
    pay_online: () => t("Pays by QR code or transfer?"), learn_online: () => t("Learns something online?"),
  },
  topic: {
    public_services: () => t("Online public services"), vneid: () => t("VNeID"),
    bank_account: () => t("Bank account"), shop_online: () => t("Shop online"),
    pay_online: () => t("Pay online"), online_safety: () => t("Online safety"),
    install_apps: () => t("Install apps"), fibre_signup: () => t("Fibre sign-up"),
    local_apps: () => t("Local apps"), other: () => t("Something else"),
  },
  state: {
    unsent: () => t("Not sent"), sending: () => t("Sending"), received: () => t("Server has it"),
    waiting: () => t("Waiting for another record"), fix: () => t("Needs fixing"), held: () => t("With the commune's official"),
    cancelled: () => t("Undone"), mended: () => t("Mended"), aside: () => t("Not taken in"),
  },
  field: {
    unit_id: () => t("Hamlet"), code: () => t("Home code"), address: () => t("Address"),
    head_name: () => t("Head of the household"), phone: () => t("Phone number"), consent: () => t("Consent"),
  },
  saved: {
    "household.register": () => t("Home saved on this phone"),
    "household.amend": () => t("Home's details saved on this phone"),
    "visit.record": () => t("Visit saved on this phone"),
    "visit.withdraw": () => t("Withdrawal saved on this phone"),
  },
  why: {
    returned: () => t("Returned"), promised: () => t("Promised"), absent: () => t("Absent last time"),
    never: () => t("Never reached"), stale: () => t("Over 90 days ago"),
  },
  status: { submitted: () => t("Submitted"), returned: () => t("Returned"), approved: () => t("Approved") },
};

/** Give the word for a code: `word("outcome", "absent")`. */
export const word = (kind, code) => WORDS[kind][String(code)]?.() ?? String(code);

const PROBLEMS = {
  "visit.in_future": () => t("The visit's day lies in the future: choose the right one"),
  "visit.no_next_day": () => t("No day chosen for the next visit"),
  "visit.too_many_members": () => t("More than a hundred people: check the list"),
  "visit.note_too_long": () => t("The note is too long: shorten it"),
  "visit.exists": () => t("This visit is recorded already"),
  "visit.not_yours": () => t("This visit was recorded by someone else"),
  "member.born_later": () => t("Birth year after the visit: check it"),
  "member.born_too_early": () => t("Birth year too long ago: check it"),
  "member.band_backwards": () => t("The age band ends before it begins: choose another"),
  "member.band_too_wide": () => t("The age band is wider than ten years: choose another"),
  "member.repeated": () => t("The same person stands here twice: remove one"),
  "member.label_too_long": () => t("The short name is too long: shorten it"),
  "household.exists": () => t("This home is registered already"),
  "household.not_yours": () => t("This home is not in the team's area; the commune's official will decide"),
  "household.no_consent_answer": () => t("Consent is not answered: choose Yes, No or Later"),
  "household.no_hamlet": () => t("No hamlet chosen: choose one"),
  "team.not_yours": () => t("This account is no longer in this team; the commune's official will decide"),
  "op.reused": () => t("The server knows this record in another form: check it and save again"),
  "op.too_large": () => t("Too large to send: shorten it, then save again"),
  "op.failed": () => t("The server could not take this in; the commune's official will look at it"),
};

/** Say what is wrong, with the code where we know no better words. */
export const problem = (code, message = "") =>
  PROBLEMS[code]?.() ?? (message || t("Could not be taken in (code {code})", { code }));
