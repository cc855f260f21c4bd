// The words of the domain as they travel on the wire: twin of app/rules/vocabulary.py.

export const OUTCOMES = ["interviewed", "absent", "refused", "moved"];
export const CONSENTS = ["yes", "no", "later"];
export const SEXES = ["female", "male", "unknown"];
export const FIBRES = ["subscribed", "available", "none", "unknown"];
export const PHONES = ["smartphone", "basic", "none", "unknown"];
export const ACCOUNTS = ["yes", "no", "declined", "unknown"];
export const TOPICS = [
  "public_services", "vneid", "bank_account", "shop_online", "pay_online",
  "online_safety", "install_apps", "fibre_signup", "local_apps", "other",
];
