// What the page was told when it was made: its configuration and its dictionary.

/** @type {{lang: "zh"|"en", words: Record<string, string>, [name: string]: any}} */
export const config = JSON.parse(document.getElementById("landmap-config")?.textContent ?? '{"lang":"zh","words":{}}');

/**
 * The text for a key, with `{name}` filled in; `count` chooses between `.one` and `.other` where those exist.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export function t(key, values = {}) {
  const plural = `${key}.${values.count === 1 ? "one" : "other"}`;
  const text = config.words["count" in values && plural in config.words ? plural : key];
  if (text === undefined) throw new Error(`no text for ${key}`);
  return Object.entries(values).reduce((out, [name, value]) => out.replaceAll(`{${name}}`, String(value)), text);
}

const numbers = new Intl.NumberFormat(config.lang === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: 2 });

/** A number as the reader writes it. */
export function number(value) {
  return numbers.format(value);
}
