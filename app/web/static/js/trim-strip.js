/** The strip of a film with its two ends, for mouse, finger and keys. */
import { el, svg } from "br/dom.js";
import { spoken } from "br/time.js";

const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
const NAMES = { in_ms: "Start", out_ms: "End" };

/** Draws and reads the two ends; knows nothing of the film. */
export class TrimStrip {
  #place = { in_ms: 0, out_ms: 1, duration_ms: 1 };
  #kept = svg("rect", { y: 0, height: "100%", fill: "var(--accent)", "fill-opacity": 0.25 });
  #ends = {};
  #drawn;
  #move;

  /** @param {(end: "in_ms" | "out_ms", ms: number) => void} move somebody wants an end elsewhere */
  constructor(move) {
    this.#move = move;
    for (const end of Object.keys(NAMES)) this.#ends[end] = this.#handle(end);
    this.#drawn = svg("svg", { focusable: "false" }, this.#kept, this.#ends.in_ms.root, this.#ends.out_ms.root);
    this.root = el("div", { class: "trim__strip" }, this.#drawn);
  }

  /** @param {{in_ms: number, out_ms: number, duration_ms: number}} place */
  show(place) {
    this.#place = place;
    const { in_ms, out_ms, duration_ms } = place;
    const share = (ms) => `${(100 * ms) / duration_ms}%`;
    this.#kept.setAttribute("x", share(in_ms));
    this.#kept.setAttribute("width", share(out_ms - in_ms));
    for (const [end, { root, mark }] of Object.entries(this.#ends)) {
      mark.setAttribute("x", share(place[end]));
      const said = { valuemin: 0, valuemax: duration_ms, valuenow: place[end], valuetext: `${spoken(place[end])} of ${spoken(duration_ms)}` };
      for (const [name, value] of Object.entries(said)) root.setAttribute(`aria-${name}`, String(value));
    }
  }

  #handle(end) {
    const mark = svg("svg", { overflow: "visible" },
      svg("rect", { x: -22, width: 44, height: "100%", fill: "transparent" }),
      svg("rect", { x: -4, width: 8, height: "100%", fill: "var(--accent)" }));
    const root = svg("g", { role: "slider", tabindex: 0, "aria-label": NAMES[end] }, mark);
    root.addEventListener("keydown", (event) => this.#key(end, event));
    root.addEventListener("pointerdown", (event) => event.button === 0 && root.setPointerCapture(event.pointerId));
    root.addEventListener("pointermove", (event) => root.hasPointerCapture(event.pointerId) && this.#move(end, this.#momentAt(event)));
    return { root, mark };
  }

  #key(end, event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = STEPS[event.key];
    if (step) this.#move(end, this.#place[end] + step * (event.shiftKey ? 10_000 : 1000));
    else if (event.key === "Home") this.#move(end, 0);
    else if (event.key === "End") this.#move(end, this.#place.duration_ms);
    else return;
    event.preventDefault();
  }

  #momentAt(event) {
    const box = this.#drawn.getBoundingClientRect();
    return Math.round((Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * this.#place.duration_ms) / 100) * 100;
  }
}
