// One record in full, in place of the list.
import { element } from "../map/popup.js";
import { album } from "./album.js";
import { linkButton } from "./link.js";
import { copy } from "./copy.js";
import { config, t } from "./words.js";

/** Letters from which on a text stands below its label, on the left. */
const LONG = 60;

function row({ label, text, note, state }) {
  const value = element("dd", {}, text, note ? element("small", {}, note) : null);
  return element("div", { class: `row ${state ?? "ok"}${text.length > LONG ? " long" : ""}` }, element("dt", {}, label), value);
}

/** The rows of a sheet, section by section; what is merely unknown is named in one line. @returns {HTMLElement[]} */
export function sections(sheet) {
  return sheet.sections.map(({ label, rows }) => {
    const silent = (one) => one.state === "unknown" && !one.note;
    const names = rows.filter(silent).map((one) => one.label).join(t("page.detail.comma"));
    return element("section", { class: "sheet-section" }, element("h3", {}, label),
      element("dl", { class: "rows" }, ...rows.filter((one) => !silent(one)).map(row)),
      names ? element("p", { class: "missing" }, t("page.detail.missing", { names })) : null);
  });
}

/** The site assessments as lights; the word stands beside the colour. */
export function lights(sheet) {
  if (!sheet.lights?.length) return null;
  const items = sheet.lights.map(({ label, state, text }) =>
    element("li", { class: `light ${state}` }, element("span", { class: "lamp", "aria-hidden": "true" }), element("span", {}, label),
      element("small", {}, text)),
  );
  return element("section", { class: "sheet-section" }, element("h3", {}, t("page.detail.lights")), element("ul", { class: "lights" }, ...items));
}

function briefLink(sheet, lang) {
  const brief = new URL(sheet.links.brief, location.href);
  brief.searchParams.set("lang", lang);
  const address = brief.pathname + brief.search;
  return element("a", { class: "main", href: address, target: "_blank", rel: "noopener" }, t("page.detail.brief"));
}

/** What can be done with a record: take its address along, or make a link for somebody else. */
function acts(sheet) {
  const link = element("button", { type: "button", class: "plain" }, t("page.detail.copy"));
  link.addEventListener("click", () => copy(link, sheet.links.self));
  return element("div", { class: "detail-acts" }, link, ...(config.canShare ? linkButton(sheet) : []));
}

/** Draws one record, or what went wrong. */
export class Detail {
  /** @param {HTMLElement} place @param {() => void} back */
  constructor(place, back) {
    Object.assign(this, { place, back });
  }

  head(sheet, lang) {
    const back = element("button", { type: "button", class: "plain" }, `‹ ${t("page.detail.back")}`);
    back.addEventListener("click", this.back);
    return element("div", { class: "detail-head" }, back, sheet?.links.brief ? briefLink(sheet, lang) : null);
  }

  waiting() {
    this.place.replaceChildren(this.head(null), element("div", { class: "state", "aria-live": "polite" }, t("page.list.loading")));
  }

  /** @param {boolean} enter whether somebody just opened it, so that the keyboard goes on from here */
  show(sheet, lang, enter) {
    const asOf = sheet.as_of ? t("page.detail.as_of", { date: sheet.as_of }) : "";
    const body = element("div", { class: "detail-body", tabindex: "0" },
      element("h2", {}, sheet.title),
      element("p", { class: "under" }, [sheet.no, sheet.subtitle].filter((text) => text && text !== sheet.title).join(" · ")),
      acts(sheet),
      album(sheet),
      ...sections(sheet),
      lights(sheet),
      element("p", { class: "detail-notice" }, [asOf, sheet.notice].filter(Boolean).join("　")),
    );
    this.place.replaceChildren(this.head(sheet, lang), body);
    if (enter) body.focus({ preventScroll: true });
  }

  fail(problem) {
    this.place.replaceChildren(this.head(null), element("div", { class: "state bad" }, element("strong", {}, problem.message), problem.detail));
  }
}
