// Making a link for an investor: one click makes it and copies it.
import { Problem, post } from "./api.js";
import { copy } from "./copy.js";
import { element } from "../map/popup.js";
import { config, t } from "./words.js";

/**
 * A button that makes a link to one record, and why it cannot: the public may not see it, or it is overdue.
 * @param {object} sheet
 * @returns {HTMLElement[]}
 */
export function linkButton(sheet) {
  const button = element("button", { type: "button", class: "plain" }, t("page.detail.link"));
  if (!sheet.links.share) {
    const why = element("p", { class: "why", id: "why-no-link" }, sheet.no_link);
    button.disabled = true;
    button.setAttribute("aria-describedby", why.id);
    return [button, why];
  }
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const made = await post(sheet.links.share, { [sheet.layer]: [sheet.id], title: sheet.title.slice(0, 120), lang: config.lang });
      await copy(button, made.url);
      button.title = new URL(made.url, location.href).href;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      button.title = error.detail;
      button.textContent = error.message;
    }
    button.disabled = false;
  });
  return [button];
}
