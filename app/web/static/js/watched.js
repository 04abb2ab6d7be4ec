/** Tells the server which stretch was watched, every 10 s and on leaving: it keeps your place and your minutes. */
import { ask } from "br/api.js";
import { uuid7 } from "br/ids.js";

const EVERY_MS = 10_000;
const KEEP = 360;

/** Follows one player; stretches that couldn't be told yet wait here until the line is back. */
export class Watched {
  #address;
  #view = uuid7();
  #from = null;
  #last = null;
  #rate = 1;
  #waiting = [];

  /**
   * @param {string} address `/api/v1/recordings/…/watched`
   * @param {AbortSignal} signal
   */
  constructor(address, signal) {
    this.#address = address;
    const clock = setInterval(() => this.tell(), EVERY_MS);
    signal.addEventListener("abort", () => { clearInterval(clock); this.tell(); });
    addEventListener("pagehide", () => this.tell(), { signal });
    addEventListener("online", () => this.tell(), { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.tell(), { signal });
  }

  /**
   * The player is at this moment, playing.
   * @param {number} at_ms
   * @param {number} rate
   */
  at(at_ms, rate) {
    const jumped = this.#last !== null && (at_ms < this.#last || at_ms - this.#last > 2000 * rate);
    if (jumped || rate !== this.#rate) this.stop();
    this.#from ??= at_ms;
    this.#last = at_ms;
    this.#rate = rate;
  }

  /** Playing stopped or jumped: the stretch ends here. */
  stop() {
    if (this.#from !== null && this.#last > this.#from) {
      this.#waiting.push({ view_id: this.#view, from_ms: Math.round(this.#from), until_ms: Math.round(this.#last), rate: this.#rate });
    }
    this.#from = null;
    this.#last = null;
  }

  /** Send what has gathered; `keepalive` lets it arrive although the page is left. */
  tell() {
    const last = this.#last;
    this.stop();
    if (last !== null) [this.#from, this.#last] = [last, last]; // still playing: the next stretch begins here
    const told = this.#waiting.splice(0);
    for (const body of told) {
      ask("POST", this.#address, { body, key: uuid7(), keepalive: true }).catch((problem) => {
        if (!problem.status || problem.status >= 500) this.#waiting = [...this.#waiting, body].slice(-KEEP);
      });
    }
  }
}
