/** Times within a lesson: milliseconds from its first frame, and how people read, hear and type them. */

/**
 * `m:ss`, or `h:mm:ss` from an hour on. Cut down, never rounded up: a moment isn't named before it is on screen.
 * @param {number} ms
 * @returns {string}
 */
export function face(ms) {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const seconds = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/**
 * `m:ss.mmm`, for stepping from frame to frame.
 * @param {number} ms
 * @returns {string}
 */
export function exactFace(ms) {
  return `${face(ms)}.${String(Math.max(0, Math.round(ms)) % 1000).padStart(3, "0")}`;
}

/**
 * "4 minutes 12", as a screen reader should say it.
 * @param {number} ms
 * @returns {string}
 */
export function spoken(ms) {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (!hours && !minutes) return `${seconds} ${seconds === 1 ? "second" : "seconds"}`;
  const parts = hours ? [`${hours} ${hours === 1 ? "hour" : "hours"}`] : [];
  parts.push(`${minutes} ${minutes === 1 ? "minute" : "minutes"}`);
  if (seconds) parts.push(String(seconds));
  return parts.join(" ");
}

/**
 * What somebody typed as a moment: `4:12`, `1:04:12`, `252`, `4m12`, `4:12.5`.
 * @param {string} text
 * @returns {number | null} milliseconds, or null where it can't be read as a time
 */
export function parse(text) {
  const clean = text.trim().toLowerCase().replace(/\s/g, "").replace(/[hm]/g, ":").replace(/s$/, "").replace(/:$/, ":0");
  if (!/^\d+(:\d{1,2}){0,2}([.,]\d{1,3})?$/.test(clean)) return null;
  const seconds = clean.replace(",", ".").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round(seconds * 1000);
}

/**
 * "about 12 minutes", for waits.
 * @param {number} seconds
 * @returns {string}
 */
export function about(seconds) {
  if (seconds < 50) return `about ${Math.max(5, Math.ceil(seconds / 5) * 5)} seconds`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
  const [hours, rest] = [Math.floor(minutes / 60), Math.round((minutes % 60) / 5) * 5];
  return rest ? `about ${hours} h ${rest} min` : `about ${hours} h`;
}
