/** What is said of a stretch that is kept. */
import { face } from "br/time.js";
import { size } from "br/upload-words.js";

export const ON_ARRIVAL = "Backrow cuts it on arrival, at the whole picture before the start, and erases the rest before anyone can watch. All of the file is sent.";

/**
 * Where this browser cuts.
 * @param {number} begins_ms where the whole picture before the start is
 * @returns {string}
 */
export const HERE = (begins_ms) => `It begins at ${face(begins_ms)}, the nearest place where it can be cut. The rest never leaves this device.`;

/**
 * "Keeps 11 min 30 s ≈ 740 MB."
 * @param {{in_ms: number, out_ms: number} | null} trim
 * @param {{bytes: number, duration_ms: number | null}} file
 * @returns {string}
 */
export function keeps(trim, { bytes, duration_ms }) {
  if (!trim) return `Keeps all of it, ${duration_ms ? `${long(duration_ms)}, ` : ""}${size(bytes)}.`;
  if (!duration_ms) return `Keeps what lies between ${face(trim.in_ms)} and ${trim.out_ms < 86_400_000 ? face(trim.out_ms) : "its end"}.`;
  const kept_ms = trim.out_ms - trim.in_ms;
  return `Keeps ${long(kept_ms)} of ${long(duration_ms)}, about ${size((bytes * kept_ms) / duration_ms)}.`;
}

/** "11 min 30 s" */
function long(ms) {
  const whole = Math.round(ms / 1000);
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return [[hours, "h"], [minutes, "min"], [seconds, "s"]].filter(([count]) => count).map(([count, unit]) => `${count} ${unit}`).join(" ") || "0 s";
}
