// Requests to the server and what can go wrong with them.

import { keepKeys, keepMe, me } from "../store/device.js";

const PATIENCE = 45_000;

/** No answer came: no network, a server that is down, or (`late`) one that took too long. */
export class Unreachable extends Error {
  constructor(message, { late = false } = {}) {
    super(message);
    this.late = late;
  }
}

/** The server answered with an error: `status`, and its `code` and `text` where it gave them. */
export class Refused extends Error {
  constructor(status, { code = null, message = "" } = {}) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.text = message;
  }
}

let token = null;

async function call(method, path, { json, body, headers = {} } = {}) {
  const options = {
    method,
    headers: { Accept: "application/json", ...headers },
    credentials: "same-origin",
    cache: "no-store",
    body: json === undefined ? body : JSON.stringify(json),
    signal: AbortSignal.timeout(PATIENCE),
  };
  if (json !== undefined) options.headers["Content-Type"] = "application/json";
  if (method !== "GET") options.headers["X-CSRFToken"] = token ?? "";
  let response;
  let answer;
  try {
    response = await fetch(`/api/v1/${path}`, options);
    answer = response.status === 204 ? null : await response.json().catch(() => null);
  } catch (error) {
    throw new Unreachable(error.message, { late: error.name === "TimeoutError" });
  }
  if (!response.ok) throw new Refused(response.status, answer?.error);
  if (answer === null && response.status !== 204) throw new Unreachable("not our server"); // a captive portal
  return answer;
}

/** Ask who is signed in and fetch a fresh token; remembers the person on this phone. */
export async function session() {
  const { user, csrf_token, device } = await call("GET", "session");
  token = csrf_token;
  const { id, name, role, teams } = user;
  if (device) keepKeys(id, device);
  keepMe({ id, name, role, teams });
  return me();
}

/** Sign out on the server; what is on the phone stays. */
export async function signOut() {
  await session();
  await call("DELETE", "session");
}

async function pressed(text) {
  if (!("CompressionStream" in globalThis)) return { body: text, headers: {} };
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  const body = await new Response(stream).blob();
  return { body, headers: { "Content-Encoding": "gzip" } };
}

/** Push a batch given as text. A stale token is fetched anew and the request made once more. */
export async function push(text) {
  const { body, headers } = await pressed(text);
  const request = { body, headers: { "Content-Type": "application/json", ...headers } };
  try {
    return await call("POST", "sync/push", request);
  } catch (error) {
    if (!(error instanceof Refused) || ![400, 403].includes(error.status) || error.code === "session.wrong_device") {
      throw error;
    }
    await session();
    return call("POST", "sync/push", request);
  }
}

/** Hand in a file of unsent work, given as text; answers counts only. */
export async function rescue(text) {
  await session();
  const { body, headers } = await pressed(text);
  return call("POST", "sync/rescue", { body, headers: { "Content-Type": "application/json", ...headers } });
}

const query = (values) => {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return given.length ? `?${new URLSearchParams(given)}` : "";
};

export const pull = (cursor) => call("GET", `sync/pull${query({ cursor })}`);
export const receipts = (deviceId, cursor) =>
  call("GET", `sync/receipts${query({ device_id: deviceId, cursor })}`);
