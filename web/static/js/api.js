// Questions to the server. The latest question of a kind wins; every fault is one Problem with words in it.
import { config, t } from "./words.js";

/** What went wrong, in the server's words where it gave some. */
export class Problem extends Error {
  /** @param {number} status 0 when no answer came @param {{title?: string, detail?: string, errors?: object[]}} body */
  constructor(status, body) {
    super(config.words[`page.problem.${body.code}`] ?? (body.title || t("page.problem.unreachable")));
    this.status = status;
    this.detail = body.detail ?? "";
    this.errors = body.errors ?? [];
  }
}

const JSON_TYPE = "application/json";
const open = new Map();

/**
 * Ask for JSON, or for bytes.
 * @param {string} path
 * @param {string} [kind] an earlier question of the same kind is given up
 * @param {string} [type] what is asked for
 * @returns {Promise<any>} rejects with Problem, or with AbortError when given up
 */
export async function get(path, kind = path, type = JSON_TYPE) {
  open.get(kind)?.abort();
  const control = new AbortController();
  open.set(kind, control);
  return read(path, { signal: control.signal, headers: { Accept: type } });
}

/** Send JSON, read JSON. @returns {Promise<any>} rejects with Problem */
export function post(path, body) {
  return read(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
}

async function read(path, options) {
  let answer;
  try {
    answer = await fetch(path, { ...options, headers: { Accept: JSON_TYPE, ...options.headers } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, {});
  }
  if (answer.headers.get("content-type") === "application/octet-stream") return new Uint8Array(await answer.arrayBuffer());
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, body);
  return body;
}

/** Address of a collection's answer. */
export function collection(layer, answer, query = "") {
  const asked = new URLSearchParams(query);
  asked.set("lang", config.lang);
  return `/api/collections/${layer}/${answer}?${asked}`;
}

/**
 * Which records a search answer matches, bit i = ordinal i: in the answer itself, or by its link where there are many.
 * @param {{bitmap: string|null, links: {bitmap: string}}} answer
 * @returns {Promise<Uint8Array>}
 */
export async function bitsOf(answer) {
  if (answer.bitmap !== null) return Uint8Array.from(atob(answer.bitmap), (c) => c.charCodeAt(0));
  return get(answer.links.bitmap, "bitmap", "application/octet-stream");
}
