// One record in full, in place of the list.
import { element } from "../map/popup.js";
import { linkButton } from "./link.js";
import { copy } from "./copy.js";
import { config, t } from "./words.js";

function row({ label, text, note, state }) {
  const value = element("dd", {}, text, note ? element("small", {}, note) : null);
  return element("div", { class: `row ${state ?? "ok"}` }, element("dt", {}, label), value);
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

/** Draws one record, or what went wrong. */
export class Detail {
  /** @param {HTMLElement} place @param {() => void} back */
  constructor(place, back) {
    Object.assign(this, { place, back });
  }

  head(sheet, lang) {
    const back = element("button", { type: "button", class: "plain" }, `‹ ${t("page.detail.back")}`);
    back.addEventListener("click", this.back);
    const acts = element("div", { class: "detail-acts" });
    if (sheet) {
      const link = element("button", { type: "button", class: "plain" }, t("page.detail.copy"));
      link.addEventListener("click", () => copy(link, sheet.links.self));
      acts.append(link);
      if (config.canShare) acts.append(linkButton(sheet));
      if (sheet.links.brief) {
        const brief = new URL(sheet.links.brief, location.href);
        brief.searchParams.set("lang", lang);
        acts.append(element("a", { class: "main", href: brief.pathname + brief.search, target: "_blank", rel: "noopener" }, t("page.detail.brief")));
      }
    }
    return element("div", { class: "detail-head" }, back, acts);
  }

  waiting() {
    this.place.replaceChildren(this.head(null), element("div", { class: "state", "aria-live": "polite" }, t("page.list.loading")));
  }

  show(sheet, lang) {
    const asOf = sheet.as_of ? t("page.detail.as_of", { date: sheet.as_of }) : "";
    const body = element("div", { class: "detail-body", tabindex: "0" },
      element("h2", {}, sheet.title),
      element("p", { class: "under" }, [sheet.no, sheet.subtitle].filter((text) => text && text !== sheet.title).join(" · ")),
      ...sections(sheet),
      lights(sheet),
      element("p", { class: "detail-notice" }, [asOf, sheet.notice].filter(Boolean).join("　")),
    );
    this.place.replaceChildren(this.head(sheet, lang), body);
    body.focus({ preventScroll: true });
  }

  fail(problem) {
    this.place.replaceChildren(this.head(null), element("div", { class: "state bad" }, element("strong", {}, problem.message), problem.detail));
  }
}
