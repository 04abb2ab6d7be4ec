/** Waiting for a line that comes and goes. */

const LONGEST_S = 60;

/**
 * Wait 1, 2, 4 … 60 s (and a little, so that many browsers don't ask at once); while offline, until the line is back.
 * @param {number} tries how often it has gone wrong so far, from 1
 * @param {AbortSignal} signal
 * @param {number | null} [told_s] as long as the server asked for
 */
export async function patience(tries, signal, told_s = null) {
  const wait_s = told_s ?? Math.min(2 ** (tries - 1), LONGEST_S);
  const ms = wait_s * 1000 * (1 + Math.random() * 0.25);
  await until((go) => {
    const timer = setTimeout(go, ms);
    addEventListener("online", go, { once: true });
    return () => { clearTimeout(timer); removeEventListener("online", go); };
  }, signal);
  if (navigator.onLine) return;
  await until((go) => {
    addEventListener("online", go, { once: true });
    return () => removeEventListener("online", go);
  }, signal);
}

function until(start, signal) {
  return new Promise((go, stop) => {
    if (signal.aborted) return stop(signal.reason);
    const end = start(() => { signal.removeEventListener("abort", ended); go(); });
    const ended = () => { end(); stop(signal.reason); };
    return signal.addEventListener("abort", ended, { once: true });
  });
}
