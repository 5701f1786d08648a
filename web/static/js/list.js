// The result list: total, cards, the bucket of what cannot be decided, and what to do when nothing is found.
import { element } from "../map/popup.js";
import { config, number, t } from "./words.js";
import { valuesOf } from "./state.js";

const SVG = "http://www.w3.org/2000/svg";
const LIVE = new Set(["ready", "plan_published", "announced", "bidding", "promoted"]);

function outline(path, colour) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "outline");
  svg.setAttribute("viewBox", "0 0 100 70");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path || "M50 27a8 8 0 1 0 .1 0z");
  shape.setAttribute("fill", colour);
  shape.setAttribute("fill-rule", "evenodd");
  shape.setAttribute("vector-effect", "non-scaling-stroke");
  svg.append(shape);
  return svg;
}

/** The badge of a supply stage: green while the land can be had. */
export function stageTag(stage) {
  return element("span", { class: `tag ${LIVE.has(stage.code) ? "live" : ""}` }, stage.label);
}

/** A line of a card: its pieces stay whole where there is room, and no line begins or ends with a dot. */
function facts(line, ...before) {
  const pieces = line.split(" · ").flatMap((text) => [" ", element("span", { class: "piece" }, text)]);
  return element("p", { class: "facts" }, element("span", {}, ...before, ...pieces));
}

/** One card; a link, so that it can be opened in a tab of its own. */
export function card(record, address, current) {
  const [first, ...rest] = record.lines;
  const second = facts(first ?? record.class.label, record.stage ? stageTag(record.stage) : null);
  const number_ = record.no && record.no !== record.title ? element("p", { class: "no" }, record.no) : null;
  const node = element("a", { class: "card", href: address, "aria-current": String(current) },
    outline(record.outline, record.class.colour),
    element("div", {}, element("h3", {}, record.title), number_, second, ...rest.map((line) => facts(line))),
  );
  node.dataset.id = record.id;
  return node;
}

/** Draws the list of one answer after another. */
export class List {
  /**
   * @param {{total: HTMLElement, sentence: HTMLElement, pending: HTMLElement, cards: HTMLElement, state: HTMLElement}} places
   * @param {import("./state.js").Store} store
   * @param {{address: (id: string) => string, more: (cursor: string) => void, reset: () => void, retry: () => void}} acts
   */
  constructor(places, store, acts) {
    Object.assign(this, { places, store, acts });
    places.cards.addEventListener("click", (event) => {
      const chosen = event.target.closest("a.card");
      if (!chosen || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      store.set({ id: chosen.dataset.id });
    });
    places.cards.addEventListener("keydown", (event) => this.walk(event));
  }

  walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const all = [...this.places.cards.querySelectorAll("a.card")];
    const next = all[all.indexOf(document.activeElement) + step];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }

  show(answer, state) {
    const { total, sentence, cards } = this.places;
    const unit = t(state.layer === "buildings" ? "page.list.buildings" : "page.list.parcels", { count: answer.total });
    const all = answer.total < answer.all ? t("page.list.of", { n: number(answer.all) }) : "";
    total.replaceChildren(element("strong", {}, number(answer.total)), ` ${unit} `, element("span", {}, all));
    sentence.textContent = answer.sentence;
    this.bucket(answer, state);
    this.unplaced(answer.waiting);
    cards.replaceChildren();
    cards.scrollTop = 0;
    this.append(answer, state);
    this.empty(answer, state);
  }

  append(answer, state) {
    const { cards } = this.places;
    cards.querySelector(".next")?.parentElement.remove();
    cards.append(...answer.records.map((one) => element("li", {}, card(one, this.acts.address(one.id), one.id === state.id))));
    if (!answer.next) return;
    const next = element("button", { type: "button", class: "plain next" }, t("page.list.more"));
    next.addEventListener("click", () => this.acts.more(answer.next));
    cards.append(element("li", {}, next));
  }

  bucket(answer, state) {
    const { pending } = this.places;
    const inside = valuesOf(state.criteria, "bucket").includes("pending");
    pending.hidden = !answer.pending && !inside;
    if (pending.hidden) return;
    const text = inside ? t("page.pending.inside") : t("page.pending.waiting", { count: answer.pending, n: number(answer.pending) });
    const act = element("button", { type: "button" }, inside ? t("page.pending.back") : t("page.pending.open"));
    act.addEventListener("click", () => this.store.setValues("bucket", inside ? [] : ["pending"]));
    pending.replaceChildren(element("span", {}, text), act);
  }

  /** Rows that match but have no shape yet: told apart, for they are in no count and on no map. */
  unplaced(waiting) {
    const { unplaced: place } = this.places;
    place.hidden = !waiting;
    if (!waiting) return;
    const rows = waiting.rows.map(({ number: no, title, since, href }) => {
      const name = href ? element("a", { href: `${href}?lang=${config.lang}` }, title) : element("span", {}, title);
      const under = [no !== title ? no : null, t("page.unplaced.since", { date: since })].filter(Boolean).join(" · ");
      return element("li", {}, name, element("small", {}, under));
    });
    const left = waiting.total - waiting.rows.length;
    place.replaceChildren(
      element("p", {}, element("strong", {}, t("page.unplaced.title", { n: number(waiting.total), count: waiting.total })), " ", t("page.unplaced.note")),
      element("ul", {}, ...rows),
      left > 0 ? element("p", {}, t("page.unplaced.more", { n: number(left), count: left })) : "",
    );
  }

  empty(answer, state) {
    const { state: place, cards } = this.places;
    place.hidden = answer.total > 0;
    cards.hidden = answer.total === 0;
    if (answer.total) return;
    const filtered = state.criteria.length > 0;
    const reset = element("button", { type: "button", class: "plain" }, t("page.filters.reset"));
    reset.addEventListener("click", this.acts.reset);
    place.className = "state";
    place.replaceChildren(
      element("strong", {}, t(filtered ? "page.empty.title" : "page.empty.no_data")),
      filtered ? t("page.empty.advice") : "",
      filtered ? element("div", {}, reset) : "",
    );
  }

  /** @param {import("./api.js").Problem} problem */
  fail(problem) {
    const { state: place, total, cards, pending, unplaced } = this.places;
    total.textContent = "";
    cards.hidden = pending.hidden = unplaced.hidden = true;
    place.hidden = false;
    place.className = "state bad";
    const retry = element("button", { type: "button", class: "plain" }, t("page.problem.retry"));
    retry.addEventListener("click", this.acts.retry);
    const reset = element("button", { type: "button", class: "plain" }, t("page.filters.reset"));
    reset.addEventListener("click", this.acts.reset);
    const told = (one) => [one.param, one.found, config.lang === "en" ? one.hint : ""].filter(Boolean).join(" · ");
    const places = problem.errors.map((one) => element("p", {}, told(one)));
    place.replaceChildren(element("strong", {}, problem.message), ...(places.length ? places : [problem.detail]),
      element("div", {}, retry, reset));
  }

  /** Mark the chosen card. */
  mark(id) {
    for (const one of this.places.cards.querySelectorAll("a.card")) one.setAttribute("aria-current", String(one.dataset.id === id));
  }
}
