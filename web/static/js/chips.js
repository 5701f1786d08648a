// Active filters as chips; each × asks the same question without it.
import { element } from "../map/popup.js";
import { t } from "./words.js";

/**
 * @param {HTMLElement} list
 * @param {{name: string, text: string, without: string}[]} chips
 * @param {import("./state.js").Store} store
 */
export function drawChips(list, chips, store) {
  const items = chips.map(({ text, without }) => {
    const remove = element("button", { type: "button", "aria-label": t("page.list.remove", { text }) }, "×");
    remove.addEventListener("click", () => store.set({ criteria: [...new URLSearchParams(without)], id: null }));
    return element("li", { class: "chip" }, element("span", { title: text }, text), remove);
  });
  if (chips.length > 1) {
    const clear = element("button", { type: "button", class: "clear" }, t("page.list.clear"));
    clear.addEventListener("click", () => store.set({ criteria: [], id: null }));
    items.push(element("li", {}, clear));
  }
  list.replaceChildren(...items);
}
