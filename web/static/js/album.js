// What is attached to a record: pictures in a strip that can be pushed aside, documents below.
import { element } from "../map/popup.js";
import { t } from "./words.js";

const largest = (one) => Object.values(one.files).at(-1);

function note(one) {
  return [one.restricted ? element("span", { class: "for" }, one.restricted) : null, one.note ? element("small", {}, one.note) : null];
}

function picture(one) {
  const image = element("img", { src: one.files["1280"] ?? largest(one), alt: one.alt, width: one.width, height: one.height, loading: "lazy",
    decoding: "async", class: one.drawn ? "drawn" : "" });
  const link = element("a", { href: largest(one), target: "_blank", rel: "noopener" }, image);
  return element("li", {}, element("figure", {}, link, element("figcaption", {}, one.caption || one.label, ...note(one))));
}

function document_(one) {
  const link = element("a", { href: one.files.file }, t("page.detail.document", { label: one.caption || one.label }));
  return element("p", { class: "document" }, link, ...note(one));
}

/** The attachments of a sheet; null when there are none. @returns {HTMLElement | null} */
export function album(sheet) {
  if (!sheet.attachments?.length) return null;
  const pictures = sheet.attachments.filter((one) => one.width).map(picture);
  const strip = pictures.length ? element("ul", { class: `strip${pictures.length === 1 ? " one" : ""}` }, ...pictures) : null;
  const others = sheet.attachments.filter((one) => !one.width).map(document_);
  return element("section", { class: "album", "aria-label": t("page.detail.album") }, strip, ...others);
}
