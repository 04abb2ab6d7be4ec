/** Which part of the lesson plays: all of it, a clip with its ends fixed, or a range that stops or loops. */

import { numberOf } from "br/dom.js";

/**
 * The part that a player's attributes ask for: `lock` fixes a clip's ends, without it `until-ms` only stops there.
 * @param {HTMLElement} host
 * @returns {Range}
 */
export function rangeOf(host) {
  const [in_ms, out_ms] = [numberOf(host, "at-ms") ?? 0, numberOf(host, "until-ms")];
  const locked = host.hasAttribute("lock");
  const range = new Range({ in_ms: locked ? in_ms : 0, out_ms: locked ? out_ms : null });
  if (!locked) range.choose(in_ms, out_ms);
  return range;
}

/** In and out points, all in ms of the lesson. */
class Range {
  /** @type {{in_ms: number, out_ms: number, loop: boolean} | null} */
  #range = null;

  /** @param {{in_ms: number, out_ms: number | null}} ends the clip's ends; `out_ms` null where the lesson's own end counts */
  constructor(ends) {
    this.ends = ends;
  }

  /** The range chosen, or null. */
  get chosen() {
    return this.#range;
  }

  /**
   * @param {number} in_ms
   * @param {number | null} out_ms null takes the range away
   */
  choose(in_ms, out_ms) {
    this.#range = out_ms !== null && out_ms > in_ms ? { in_ms, out_ms, loop: this.#range?.loop ?? false } : null;
  }

  /** A jump to elsewhere lets the range go; inside it stays. */
  jumped(at_ms) {
    if (this.#range && (at_ms < this.#range.in_ms - 10_000 || at_ms > this.#range.out_ms)) this.#range = null;
  }

  /** @returns {boolean | null} whether it loops now; null where there is no range */
  toggleLoop() {
    if (!this.#range) return null;
    this.#range.loop = !this.#range.loop;
    return this.#range.loop;
  }

  /**
   * What to do at this moment while playing.
   * @param {number} at_ms
   * @returns {{stop_ms: number} | {again_ms: number} | null}
   */
  due(at_ms) {
    if (this.#range && at_ms >= this.#range.out_ms) {
      const { in_ms, out_ms, loop } = this.#range;
      return loop ? { again_ms: in_ms } : { stop_ms: out_ms };
    }
    return this.ends.out_ms !== null && at_ms >= this.ends.out_ms ? { stop_ms: this.ends.out_ms } : null;
  }
}
