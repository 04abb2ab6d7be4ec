/** Notices that playing has stood still for long enough to say so. */

const PATIENCE_MS = 4000;
const MOVING = ["playing", "timeupdate", "pause", "seeked", "emptied"];

/**
 * Call `stalled` once for each standstill of more than 4 s, and `flowing` when it moves again.
 * @param {HTMLVideoElement} video
 * @param {{stalled: () => void, flowing: () => void}} calls
 * @param {AbortSignal} signal
 */
export function watchForStalls(video, { stalled, flowing }, signal) {
  let timer = null;
  const settle = (event) => {
    if (event.type === "timeupdate" && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) return;
    clearTimeout(timer);
    timer = null;
    if (!video.paused) flowing();
  };
  video.addEventListener("waiting", () => { timer ??= setTimeout(stalled, PATIENCE_MS); }, { signal });
  for (const name of MOVING) video.addEventListener(name, settle, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
}
