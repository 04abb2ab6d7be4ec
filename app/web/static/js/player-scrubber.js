/** The player's slider: where we are, what is loaded, what can be watched yet. */
import { el, svg } from "br/dom.js";
import { Peek } from "br/player-peek.js";
import { spoken } from "br/time.js";

const WIDE = 1000;
const STEPS = {
  ArrowRight: 1000, ArrowUp: 1000, ArrowLeft: -1000, ArrowDown: -1000, PageUp: 30_000, PageDown: -30_000,
};

/**
 * What the slider shows; all in ms of the lesson.
 * @typedef {{in_ms: number, out_ms: number, at_ms: number, loaded_ms: number, watchable_ms: number, range: [number, number] | null}} Place
 */

/** Draws and reads the slider; knows nothing of video. */
export class Scrubber {
  #place = { in_ms: 0, out_ms: 1, at_ms: 0, loaded_ms: 0, watchable_ms: 1, range: null };
  #bars = {};
  #drawn;
  #seek;
  #peek;

  /**
   * @param {HTMLElement} host the player
   * @param {(at_ms: number) => void} seek
   * @param {AbortSignal} signal
   */
  constructor(host, seek, signal) {
    this.#seek = seek;
    this.#peek = new Peek(host);
    this.root = el("div", { class: "scrubber player__scrubber", role: "slider", tabindex: 0, "aria-label": "Place in the lesson" });
    this.#drawn = this.#draw();
    this.root.append(this.#peek.root, this.#drawn);
    const on = (name, act) => this.root.addEventListener(name, act, { signal });
    on("keydown", (event) => this.#key(event));
    on("pointerdown", (event) => this.#grab(event));
    on("pointermove", (event) => this.#point(event));
    for (const name of ["pointerleave", "pointercancel", "blur"]) on(name, () => this.#peek.hide());
    on("pointerup", (event) => event.pointerType !== "mouse" && this.#peek.hide());
  }

  /** @param {Place} place */
  show(place) {
    this.#place = place;
    const { at_ms, in_ms, out_ms, range } = place;
    this.#span("loaded", in_ms, place.loaded_ms);
    this.#span("grows", place.watchable_ms, out_ms);
    this.#span("range", range?.[0] ?? in_ms, range?.[1] ?? in_ms);
    this.#span("played", in_ms, at_ms);
    this.#bars.handle.setAttribute("x", String(this.#x(at_ms) - 4));
    const said = { valuemin: in_ms, valuemax: Math.min(place.watchable_ms, out_ms), valuenow: at_ms, valuetext: words(place) };
    for (const [name, value] of Object.entries(said)) this.root.setAttribute(`aria-${name}`, String(value));
  }

  #draw() {
    const bar = (name, shade) => {
      this.#bars[name] = svg("rect", { class: `scrubber__${name === "handle" ? "thumb" : name}`, x: 0, y: 8, width: 0, height: 8, fill: "currentColor", "fill-opacity": shade });
      return this.#bars[name];
    };
    const track = bar("track", 0.2);
    track.setAttribute("width", String(WIDE));
    const hatch = svg("pattern", { id: "player-grows", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      svg("rect", { width: 3, height: 8, fill: "currentColor", "fill-opacity": 0.5 }));
    const grows = bar("grows", 1);
    grows.setAttribute("fill", "url(#player-grows)");
    const bars = [track, bar("loaded", 0.25), grows, bar("range", 0.4), bar("played", 1), bar("handle", 1)];
    const { handle } = this.#bars;
    for (const [name, value] of Object.entries({ y: 0, width: 8, height: 24 })) handle.setAttribute(name, String(value));
    return svg("svg", { "aria-hidden": "true", focusable: "false", width: "100%", height: 24, viewBox: `0 0 ${WIDE} 24`, preserveAspectRatio: "none" },
      svg("defs", {}, hatch), ...bars);
  }

  #x(ms) {
    const { in_ms, out_ms } = this.#place;
    return Math.min(WIDE, Math.max(0, ((ms - in_ms) / Math.max(1, out_ms - in_ms)) * WIDE));
  }

  #span(name, from_ms, to_ms) {
    const from = this.#x(from_ms);
    this.#bars[name].setAttribute("x", String(from));
    this.#bars[name].setAttribute("width", String(Math.max(0, this.#x(to_ms) - from)));
  }

  #key(event) {
    const step = STEPS[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (step) this.#seek(this.#place.at_ms + (event.shiftKey ? Math.sign(step) * 30_000 : step));
    else if (event.key === "Home") this.#seek(this.#place.in_ms);
    else if (event.key === "End") this.#seek(this.#place.watchable_ms);
    else return;
    event.preventDefault();
    event.stopPropagation(); // inside the player the same keys step further
  }

  #grab(event) {
    if (event.button !== 0) return;
    this.root.setPointerCapture(event.pointerId);
    this.#to(event);
  }

  #to(event) {
    this.#seek(this.#momentAt(event));
  }

  /** A finger or mouse over the slider sees what is there; pressed, it goes there too. */
  #point(event) {
    const box = this.#drawn.getBoundingClientRect();
    this.#peek.show(this.#momentAt(event), event.clientX - box.left, box.width);
    if (this.root.hasPointerCapture(event.pointerId)) this.#to(event);
  }

  #momentAt(event) {
    const box = this.#drawn.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return Math.round(this.#place.in_ms + part * (this.#place.out_ms - this.#place.in_ms));
  }
}

function words({ at_ms, out_ms, watchable_ms }) {
  const more = watchable_ms < out_ms ? `; the first ${spoken(watchable_ms)} are ready` : "";
  return `${spoken(at_ms)} of ${spoken(out_ms)}${more}`;
}
