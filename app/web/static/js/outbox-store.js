/** Notes on their way: kept on this device before they are sent, sent in order, and never twice. */
import { NoLine, Refusal, ask } from "br/api.js";
import { tell } from "br/dom.js";
import { kept } from "br/kept.js";
import { personId } from "br/person.js";

const LOCK = "backrow-outbox";
const WAIT_MS = [2000, 5000, 15_000, 60_000];
const PATIENCE_MS = 30_000;

/** What to say of a note for a lesson that is closed: it is tried again whenever the lesson's page opens. */
export const CLOSED = "This lesson is closed just now. What you wrote is kept on this device.";

let again = null;
/** The attempt that is on its way from this tab, so that it can be given up. */
let hanging = null;

/**
 * Send by way of the outbox: written down here first, so that a closed tab or a lost line loses nothing.
 * Announces `br:outbox-sent {key, answer}`, `br:outbox-refused {key, problem}` or `br:outbox-waiting {key}` on `document`.
 * @param {{method: string, path: string, body: object, key: string}} wish
 * @returns {Promise<{safe: boolean, done: Promise<unknown>}>} `safe` when it is written down here; `done` when it has been tried
 */
export async function send(wish) {
  const entry = { ...wish, person_id: personId(), made_at: new Date().toISOString(), tries: 0, stuck: null };
  const safe = await kept().then((db) => db?.add("outbox", entry)).catch(() => undefined);
  return safe === undefined ? { safe: false, done: post(entry, () => {}, () => {}) } : { safe: true, done: drain() };
}

/**
 * This person's entries, oldest first.
 * @returns {Promise<object[]>}
 */
export async function waiting() {
  const all = await kept().then((db) => db?.getAll("outbox"));
  return (all ?? []).filter((entry) => entry.person_id === personId());
}

/**
 * Forget one entry; its words are gone from this device.
 * @param {number} seq
 */
export async function drop(seq) {
  if (seq !== undefined) await kept().then((db) => db?.delete("outbox", seq));
  tell(document, "br:outbox-changed");
}

/**
 * Send what waits, in order, one at a time in the whole browser.
 * @param {{stuckToo?: boolean, anew?: boolean}} [how] `stuckToo` tries again what was refused; `anew` forgets how often
 *   it went wrong before: the line is back, or somebody has asked for it, and the next wait is the shortest again
 */
export function drain({ stuckToo = false, anew = false } = {}) {
  const run = async () => {
    clearTimeout(again);
    const held = new Set(); // a lesson whose first note must wait keeps its later ones waiting too
    for (const entry of await waiting()) {
      if (entry.stuck && !stuckToo) continue;
      if (held.has(entry.path)) {
        tell(document, "br:outbox-waiting", { key: entry.key, entry, problem: new NoLine() });
        continue;
      }
      const done = await one(anew ? { ...entry, tries: 0 } : entry);
      if (!done) held.add(entry.path);
    }
    tell(document, "br:outbox-changed");
  };
  return navigator.locks ? navigator.locks.request(LOCK, run) : run();
}

/** The line is back: what hangs on the dead one would hold the others up for as long as our patience lasts. */
export function lineIsBack() {
  hanging?.abort(new NoLine()); // the same key again does nothing twice, should it have arrived after all
  return drain({ anew: true });
}

async function one(entry) {
  const db = await kept();
  if (!(await db?.get("outbox", entry.seq))) return true; // another tab sent it while we waited for our turn
  const remove = () => db.delete("outbox", entry.seq);
  const keep = (stuck) => db.put("outbox", { ...entry, tries: entry.tries + Number(navigator.onLine), stuck });
  return post(entry, remove, keep);
}

async function post(entry, remove, keep) {
  const { key } = entry;
  try {
    const answer = await patiently(entry, (signal) => ask(entry.method, entry.path, { body: entry.body, key, signal }));
    await remove();
    tell(document, "br:outbox-sent", { key, answer, path: entry.path });
    return true;
  } catch (problem) {
    if (!(problem instanceof NoLine) && !(problem instanceof Refusal)) throw problem;
    if (problem.status === 401 || later(problem)) {
      await keep(null);
      if (problem.status !== 401) again = setTimeout(drain, waitFor(problem, entry.tries)); // signed out: the next page asks again
      tell(document, "br:outbox-waiting", { key, entry, problem });
      return false;
    }
    await keep(problem.code);
    tell(document, "br:outbox-refused", { key, entry, problem });
    return true;
  }
}

async function patiently(entry, asking) {
  const trying = new AbortController();
  if (entry.seq !== undefined) hanging = trying; // what isn't written down here has this one try alone
  const timer = setTimeout(() => trying.abort(new NoLine()), PATIENCE_MS);
  try {
    const answer = await asking(trying.signal);
    trying.signal.throwIfAborted(); // given up halfway through the answer: it comes once more, whole
    return answer;
  } finally {
    clearTimeout(timer);
    if (hanging === trying) hanging = null;
  }
}

function waitFor(problem, tries) {
  return problem.retryAfterS ? problem.retryAfterS * 1000 : WAIT_MS[Math.min(tries, WAIT_MS.length - 1)];
}

/** No answer, too busy, or the first try still runs: the same key later is safe. */
function later(problem) {
  return problem instanceof NoLine || problem.status >= 500 || problem.status === 429 || problem.code === "in_progress";
}
