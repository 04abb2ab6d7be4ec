/** Captions: on or off as the person has chosen, for good; in their own language where there are several. */
import { say } from "br/dom.js";
import { recall, remember } from "br/person.js";

const CHOSEN = "captions";

/** Shows one of the tracks that the server named, in the lesson's own time. */
export class Captions {
  #track = null;
  #offset_ms = 0;
  #changed;

  /**
   * @param {HTMLElement} host the player; it tells `br:offset` once a clip's beginning is known
   * @param {HTMLVideoElement} video
   * @param {(shown: boolean) => void} changed
   * @param {AbortSignal} signal
   */
  constructor(host, video, changed, signal) {
    const found = [...video.querySelectorAll("track")];
    const wanted = navigator.languages?.map((tag) => tag.split("-")[0]) ?? [];
    const element = found.find((one) => wanted.includes(one.srclang)) ?? found[0];
    this.#changed = changed;
    if (!element) return;
    this.#track = element.track;
    element.addEventListener("load", () => this.#shift(this.#offset_ms), { signal });
    host.addEventListener("br:offset", ({ detail }) => this.#shiftTo(detail.ms), { signal });
    this.#show(recall(CHOSEN) === "true");
  }

  get shown() {
    return this.#track?.mode === "showing";
  }

  toggle() {
    if (!this.#track) return say("This lesson has no captions.");
    this.#show(!this.shown);
    remember(CHOSEN, this.shown);
    return say(this.shown ? "Captions on." : "Captions off.");
  }

  #show(shown) {
    this.#track.mode = shown ? "showing" : "disabled"; // disabled, it isn't even fetched
    this.#changed(shown);
  }

  /** A clip's film begins at 0, and its captions with the lesson: move them by as much. */
  #shiftTo(ms) {
    const by_ms = ms - this.#offset_ms;
    this.#offset_ms = ms;
    this.#shift(by_ms);
  }

  #shift(by_ms) {
    for (const cue of by_ms ? [...(this.#track.cues ?? [])] : []) {
      cue.startTime -= by_ms / 1000;
      cue.endTime -= by_ms / 1000;
    }
  }
}
