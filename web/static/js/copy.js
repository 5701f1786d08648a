// Copying an address.
import { element } from "../map/popup.js";
import { t } from "./words.js";

/** Put an address on the clipboard and say so on the button. */
export async function copy(button, address) {
  const absolute = new URL(address, location.href).href;
  try {
    await navigator.clipboard.writeText(absolute);
  } catch {
    const holder = element("textarea", {});
    holder.value = absolute;
    document.body.append(holder);
    holder.select();
    document.execCommand("copy");
    holder.remove();
  }
  const before = button.textContent;
  button.textContent = t("page.detail.copied");
  setTimeout(() => { button.textContent = before; }, 1600);
}
