// What only a phone has: the sheet over the map, and the filters as a page of their own.

const HEIGHTS = ["peek", "half", "full"];

/** The height nearest to where a drag let go. @param {number} share of the screen that the sheet covers */
export function snap(share) {
  if (share < 0.3) return "peek";
  return share < 0.75 ? "half" : "full";
}

export function sheet(columns, results, grip) {
  const set = (height) => {
    results.style.height = "";
    columns.dataset.sheet = height;
  };
  let start = null;
  grip.addEventListener("pointerdown", (event) => {
    start = { y: event.clientY, height: results.offsetHeight, moved: false };
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointermove", (event) => {
    if (!start) return;
    const by = start.y - event.clientY;
    if (Math.abs(by) > 4) start.moved = true;
    if (start.moved) results.style.height = `${Math.min(Math.max(start.height + by, 60), columns.offsetHeight - 8)}px`;
  });
  grip.addEventListener("pointerup", () => {
    if (start?.moved) set(snap(results.offsetHeight / columns.offsetHeight));
    setTimeout(() => { start = null; });
  });
  grip.addEventListener("click", () => {
    if (start?.moved) return;
    set(HEIGHTS[(HEIGHTS.indexOf(columns.dataset.sheet) + 1) % HEIGHTS.length]);
  });
  return { set };
}

/** Filters as a page: opens, closes by button or Escape, keeps the focus inside meanwhile. */
export function filterPage(panel, opener, closers) {
  const outside = [...document.querySelectorAll("header.top, .stage, .results, .banner")];
  const set = (open) => {
    panel.classList.toggle("open", open);
    opener.setAttribute("aria-expanded", String(open));
    for (const other of outside) other.inert = open;
    if (open) closers[0].focus();
    else opener.focus();
  };
  opener.addEventListener("click", () => set(true));
  for (const closer of closers) closer.addEventListener("click", () => set(false));
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel.classList.contains("open")) set(false);
  });
}
