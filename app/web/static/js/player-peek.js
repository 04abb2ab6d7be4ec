/** A small picture of the moment that somebody points at, over the slider: from the lesson's storyboard. */
import { svg } from "br/dom.js";
import { face } from "br/time.js";

// A cue of a storyboard: when it begins, and which part of which sheet shows it.
const CUE = /(\d+):(\d\d):(\d\d)\.(\d{3}) --> [^\n]*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g;
const LINE = 22;

/** Fetches the storyboard when somebody first points at the slider, and each sheet when it is first needed. */
export class Peek {
  #host;
  #cues = null;
  #at_ms = null;

  /** @param {HTMLElement} host has `storyboard`, the address of its cues, once there is one */
  constructor(host) {
    this.#host = host;
    this.root = svg("svg", { class: "peek", "aria-hidden": "true", focusable: "false", width: "100%", height: 0 });
  }

  /**
   * @param {number} at_ms
   * @param {number} x in pixels from the slider's left edge
   * @param {number} wide the slider's width in pixels
   */
  show(at_ms, x, wide) {
    this.#at_ms = at_ms;
    const cue = this.#cueAt(at_ms);
    if (!cue) return this.hide();
    const left = Math.round(Math.max(0, Math.min(wide - cue.width, x - cue.width / 2)));
    const picture = svg("svg", { x: left, y: 0, width: cue.width, height: cue.height, viewBox: `${cue.left} ${cue.top} ${cue.width} ${cue.height}` }, svg("image", { href: cue.sheet }));
    const words = svg("text", { x: left + cue.width / 2, y: cue.height + LINE - 6, "text-anchor": "middle" }, face(at_ms));
    const ground = svg("rect", { class: "peek__ground", x: left, y: 0, width: cue.width, height: cue.height + LINE });
    this.root.setAttribute("height", String(cue.height + LINE));
    return this.root.replaceChildren(ground, picture, words);
  }

  hide() {
    this.#at_ms = null;
    this.root.replaceChildren();
  }

  /** The last cue that begins at or before a moment; null while there are none, or on a line that should be spared. */
  #cueAt(at_ms) {
    if (this.#cues === null) this.#fetch();
    return this.#cues?.findLast((cue) => cue.at_ms <= at_ms) ?? null;
  }

  async #fetch() {
    const address = this.#host.getAttribute("storyboard");
    if (!address || navigator.connection?.saveData) return;
    this.#cues = [];
    try {
      const answer = await fetch(address);
      this.#cues = answer.ok ? read(await answer.text()) : [];
    } catch {
      this.#cues = null; // the line is gone: the next time somebody points, it may be back
    }
  }

  /** Whether somebody still points; then what has come since is worth showing. */
  get at_ms() {
    return this.#at_ms;
  }
}

/** @param {string} text */
function read(text) {
  return [...text.matchAll(CUE)].map(([, hours, minutes, seconds, thousandths, sheet, ...box]) => {
    const [left, top, width, height] = box.map(Number);
    return { at_ms: ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(thousandths), sheet, left, top, width, height };
  });
}
