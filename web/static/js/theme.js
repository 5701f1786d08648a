// Light or dark, as the reader chose it, from one visit to the next. No module: it runs before the page is painted.
(() => {
  "use strict";
  const KEY = "landmap-theme";
  const root = document.documentElement;

  /** What was chosen here before; null where nothing was, or where the browser keeps nothing. */
  function kept() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }

  function keep(theme) {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // A browser that keeps nothing forgets the choice with the page.
    }
  }

  function show(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  }

  show(kept());
  addEventListener("storage", (event) => event.key === KEY && show(event.newValue));
  addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-switch-theme]")) return;
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const next = (root.dataset.theme ?? (dark ? "dark" : "light")) === "dark" ? "light" : "dark";
    show(next);
    keep(next);
  });
})();
