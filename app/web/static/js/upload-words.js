/** What the uploader says. */
import { about } from "br/time.js";

const UNITS = [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]];

/**
 * "740 MB", with one decimal from a gigabyte on.
 * @param {number} bytes
 * @returns {string}
 */
export function size(bytes) {
  const [unit, one] = UNITS.find(([, least]) => bytes >= least) ?? ["bytes", 1];
  return `${unit === "GB" ? (bytes / one).toFixed(1) : Math.round(bytes / one)} ${unit}`;
}

/** Follows the speed of the last half minute, so that one slow second doesn't change the promise. */
export class Pace {
  #seen = [];

  /** @param {number} sent_bytes */
  add(sent_bytes) {
    const now = performance.now();
    this.#seen.push([now, sent_bytes]);
    while (this.#seen.length > 2 && now - this.#seen[0][0] > 30_000) this.#seen.shift();
  }

  /** Bytes a second; 0 until it can be told. */
  get speed() {
    if (this.#seen.length < 2) return 0;
    const [[from, before], [to, now]] = [this.#seen[0], this.#seen.at(-1)];
    return to - from < 500 ? 0 : Math.max(0, ((now - before) * 1000) / (to - from));
  }
}

/**
 * The line under the bar.
 * @param {string} state
 * @param {{sent_bytes: number, total_bytes: number, speed: number}} how
 * @returns {string}
 */
export function line(state, { sent_bytes, total_bytes, speed }) {
  const percent = Math.floor((sent_bytes / Math.max(1, total_bytes)) * 100);
  const here = `${percent} %: ${size(sent_bytes)} of ${size(total_bytes)}`;
  if (state === "waiting") return `The line dropped at ${percent} %. What's already here is safe. We carry on by ourselves when it's back.`;
  if (state === "paused") return `Paused at ${percent} %. What's already here is safe.`;
  if (state === "checking") return "All of it is here. We're checking that nothing changed on the way.";
  if (!speed) return `${here}.`;
  return `${here} · ${((speed * 8) / 1e6).toFixed(1)} Mbit/s · ${about((total_bytes - sent_bytes) / speed)} left.`;
}
