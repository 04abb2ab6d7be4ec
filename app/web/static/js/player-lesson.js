/** The lesson as the server gives it: what may be watched just now, how far it is ready, and the source that plays it. */
import { Refusal, ask } from "br/api.js";
import { numberOf, tell } from "br/dom.js";
import { openSource } from "br/hls-source.js";

const NO = [401, 404];

/**
 * What a lesson tells its player.
 * @typedef {object} Calls
 * @property {(status: number) => void} ended it may no longer be watched
 * @property {(code: string) => void} trouble it can't go on by itself
 * @property {() => void} nothingYet no picture is ready
 * @property {(problem: Error) => void} noAnswer it couldn't be opened
 * @property {() => void} replaced another film is served: the full one has taken the small copy's place
 * @property {() => void} changed more of it is ready, or its qualities are known
 */

/** One lesson, opened at the first time that somebody wants to see it. */
export class Lesson {
  #host;
  #video;
  #calls;
  #signal;
  #play = null; // the last answer of /play
  #source = null;
  #opening = null;
  #offset_ms = 0;

  /**
   * @param {HTMLElement} host has `src`, and may have `duration-ms` and `watchable-ms`
   * @param {HTMLVideoElement} video
   * @param {Calls} calls
   * @param {AbortSignal} signal
   */
  constructor(host, video, calls, signal) {
    this.#host = host;
    this.#video = video;
    this.#calls = calls;
    this.#signal = signal;
  }

  /** True when there is a source; pictures may still be on their way. */
  get opened() {
    return this.#source !== null;
  }

  /** True when the video can be moved to a moment. */
  get seekable() {
    return this.opened && this.#video.readyState >= HTMLMediaElement.HAVE_METADATA;
  }

  /** A clip's playlist starts at its first segment; times stay the lesson's own. */
  get offset_ms() {
    return this.#play?.offset_ms ?? this.#offset_ms;
  }

  /** More of it is to come, or another film in its place. */
  get growing() {
    return this.#play !== null && (this.#play.media_state !== "ready" || Boolean(this.#play.small_copy));
  }

  get duration_ms() {
    return this.#play?.duration_ms ?? numberOf(this.#host, "duration-ms") ?? this.watchable_ms;
  }

  get watchable_ms() {
    const loaded_ms = Number.isFinite(this.#video.duration) ? this.#video.duration * 1000 + this.offset_ms : 0;
    return Math.max(this.#play?.watchable_ms ?? numberOf(this.#host, "watchable-ms") ?? 0, Math.floor(loaded_ms));
  }

  /** Up to where it would play on without the line, in ms. */
  get loaded_ms() {
    const { buffered, currentTime } = this.#video;
    for (let index = 0; index < buffered.length; index += 1) {
      if (buffered.start(index) <= currentTime + 0.1 && buffered.end(index) >= currentTime) return buffered.end(index) * 1000 + this.offset_ms;
    }
    return currentTime * 1000 + this.offset_ms;
  }

  /** Picture heights to choose from, lowest first. */
  get heights() {
    return this.#source?.heights() ?? [];
  }

  choose(height) {
    this.#source?.choose(height);
  }

  again() {
    this.#source?.again();
  }

  /** Let the source go; what is loaded goes with it. */
  close() {
    this.#source?.destroy();
    this.#source = this.#opening = null;
  }

  /**
   * Open it, once.
   * @param {(carry_on_ms: number) => number} begin says where to begin, given where the person left off
   * @returns {Promise<boolean>} true when there is something to watch
   */
  open(begin) {
    this.#opening ??= this.#begin(begin).catch((problem) => this.#refused(problem)).then((open) => {
      if (!open) this.#opening = null;
      return open;
    });
    return this.#opening;
  }

  /** Ask the policy again; how far it is ready comes with the answer. */
  async ask() {
    try {
      this.#take(await ask("GET", this.#host.getAttribute("src"), { signal: this.#signal }));
      this.#calls.changed();
    } catch (problem) {
      this.#refused(problem);
    }
  }

  async #begin(begin) {
    this.#take(await ask("GET", this.#host.getAttribute("src"), { signal: this.#signal }));
    if (!this.#play.playlist || !this.#play.watchable_ms) return this.#calls.nothingYet() ?? false;
    const source = await openSource(this.#video, {
      playlist: this.#play.playlist,
      start_s: this.#startOf(begin(this.#play.at_ms ?? 0)),
      onGone: (status) => this.#calls.ended(status),
      onProblem: (code) => this.#calls.trouble(code),
      onLevels: () => this.#calls.changed(),
      onOffset: (ms) => this.#clips && tell(this.#host, "br:offset", { ms: (this.#offset_ms = ms) }),
    });
    if (this.#signal.aborted) return source.destroy() ?? false;
    this.#source = source;
    this.#calls.changed();
    return true;
  }

  #take(answer) {
    const replaced = this.opened && Boolean(answer.small_copy) !== Boolean(this.#play?.small_copy);
    this.#play = answer;
    if (replaced) this.#calls.replaced();
    if (answer.storyboard) this.#host.setAttribute("storyboard", answer.storyboard); // it was made while the page was open
  }

  get #clips() {
    return this.#host.hasAttribute("lock");
  }

  /** A clip begins within its first segment; how far into it is known only when that is here. */
  #startOf(at_ms) {
    const unknown = this.#clips && this.#play.offset_ms === undefined;
    return unknown ? 0 : Math.max(0, (at_ms - this.offset_ms) / 1000);
  }

  #refused(problem) {
    if (this.#signal.aborted) return false;
    if (problem instanceof Refusal && NO.includes(problem.status)) this.#calls.ended(problem.status);
    else if (!this.opened) this.#calls.noAnswer(problem);
    return false;
  }
}
