/**
 * `<br-timeline duration-ms="690000" notes="#notes-list"><ul hidden><li data-focus="f1">Wait time</li>…</ul></br-timeline>`:
 * draws the list's notes as lanes, one a focus item, and how densely they lie. The list is its twin for those who don't see it.
 * `from-ms` and `until-ms` are a clip's ends; a lane spans what the player's slider above it spans.
 */
import { el, numberOf, svg, tell } from "br/dom.js";
import { kindShape } from "br/kind-shape.js";

const HIGH = 24;
const BIN_PX = 8;
const NONE_YET = "Notes: none yet. Each one you write is marked here, at its moment.";

export class BrTimeline extends HTMLElement {
  #gone;
  #lanes = el("div", { class: "lanes", "aria-hidden": "true" });
  #at_ms = 0;
  #wide = 0;

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.append(this.#lanes);
    document.addEventListener("br:time", ({ detail }) => this.#now(detail.at_ms), { signal });
    document.addEventListener("br:notes-changed", () => this.draw(), { signal });
    document.addEventListener("htmx:after:swap", () => this.draw(), { signal });
    this.#lanes.addEventListener("click", (event) => this.#seek(event), { signal });
    const size = new ResizeObserver(() => this.clientWidth !== this.#wide && this.draw());
    size.observe(this);
    signal.addEventListener("abort", () => { size.disconnect(); this.#lanes.remove(); });
    this.draw();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  /** Draw everything anew from the notes in the page. */
  draw() {
    this.#wide = this.clientWidth;
    const notes = notesOf(document.querySelector(this.getAttribute("notes") ?? "#notes-list"));
    const lanes = [...this.querySelectorAll("li[data-focus]")].map((item) => [item.textContent.trim(), notes.filter((note) => note.focus === item.dataset.focus)]);
    const rest = notes.filter((note) => !this.querySelector(`li[data-focus="${CSS.escape(note.focus)}"]`));
    if (rest.length && lanes.length) lanes.push(["Anything else", rest]);
    this.#lanes.replaceChildren();
    if (lanes.length) this.#lane(notes.length ? "All notes" : NONE_YET, (line, wide) => this.#density(line, wide, notes));
    else this.#lane(notes.length ? "Notes" : NONE_YET, (line, wide) => this.#marks(line, wide, notes));
    for (const [name, some] of lanes) this.#lane(name, (line, wide) => this.#marks(line, wide, some));
    this.#now(document.querySelector("br-player")?.atMs ?? this.#at_ms);
  }

  get #from_ms() {
    return numberOf(this, "from-ms") ?? 0;
  }

  get #span_ms() {
    const until_ms = numberOf(this, "until-ms") ?? numberOf(this, "duration-ms") ?? document.querySelector("br-player")?.durationMs ?? 1;
    return Math.max(1, until_ms - this.#from_ms);
  }

  /** How far along a moment lies, from 0 to 1; a stretch that reaches out of a clip ends at the clip's end. */
  #share(at_ms) {
    return Math.min(1, Math.max(0, (at_ms - this.#from_ms) / this.#span_ms));
  }

  #lane(name, fill) {
    const line = svg("svg", { class: "lane__line", height: HIGH, width: "100%", focusable: "false" });
    const lane = el("div", { class: "lane" }, el("span", { class: "lane__name" }, name), line);
    this.#lanes.append(lane); // measured in the page
    fill(line, line.getBoundingClientRect().width || this.#wide || 600);
    line.append(svg("line", { class: "lane__now", x1: 0, x2: 0, y1: 0, y2: HIGH, stroke: "currentColor" }));
  }

  #marks(line, wide, notes) {
    for (const note of notes) {
      const x = this.#share(note.at_ms) * wide;
      if (note.until_ms > note.at_ms) {
        const width = this.#share(note.until_ms) * wide - x;
        line.append(svg("rect", { class: "lane__range", x, y: HIGH / 2 - 1.5, width, height: 3, fill: "currentColor" }));
      }
      const mark = kindShape(note.kind, x, HIGH / 2);
      mark.classList.add(`kind--${note.kind}`, ...(note.mine ? [] : ["lane__mark--others"]));
      line.append(mark);
    }
  }

  #density(line, wide, notes) {
    const bins = new Array(Math.max(1, Math.floor(wide / BIN_PX))).fill(0);
    for (const { at_ms } of notes) bins[Math.min(bins.length - 1, Math.floor(this.#share(at_ms) * bins.length))] += 1;
    const [each, gap] = [wide / bins.length, 2];
    bins.forEach((count, index) => {
      const height = Math.min(count, 5) * 4;
      if (count) line.append(svg("rect", { x: index * each, y: HIGH - height, width: each - gap, height, fill: "currentColor", "fill-opacity": 0.7 }));
      if (count > 5) line.append(svg("text", { x: index * each, y: 6 }, "+"));
    });
  }

  #now(at_ms) {
    this.#at_ms = at_ms;
    const share = `${(this.#share(at_ms) * 100).toFixed(2)}%`;
    for (const line of this.#lanes.querySelectorAll(".lane__now")) {
      line.setAttribute("x1", share);
      line.setAttribute("x2", share);
    }
  }

  #seek(event) {
    const line = event.target.closest(".lane__line");
    if (!line) return;
    const box = line.getBoundingClientRect();
    tell(this, "br:seek", { at_ms: Math.round(this.#from_ms + ((event.clientX - box.left) / box.width) * this.#span_ms), until_ms: null, pre_roll: false });
  }
}

/**
 * The notes of a list as numbers: what the elements of the lesson page read.
 * @param {Element | null} list
 * @returns {Array<{node: Element, at_ms: number, until_ms: number | null, kind: string, focus: string, mine: boolean}>}
 */
export function notesOf(list) {
  return [...(list?.querySelectorAll("[data-at-ms]:not([data-waiting])") ?? [])].map((node) => ({
    node, at_ms: Number(node.dataset.atMs), until_ms: node.dataset.untilMs ? Number(node.dataset.untilMs) : null,
    kind: node.dataset.kind ?? "", focus: node.dataset.focus ?? "", mine: node.dataset.mine !== "false",
  }));
}

customElements.define("br-timeline", BrTimeline);
