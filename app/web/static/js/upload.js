/** Sends one file in parts, straight to the storage; the storage is the truth of what has arrived. */
import { NoLine, Refusal, ask } from "br/api.js";
import { partDigest } from "br/fingerprint.js";
import { uuid7 } from "br/ids.js";
import { patience } from "br/patience.js";
import { NotTaken, put } from "br/put.js";

/** States in which parts are awaited. */
export const SENDABLE = new Set(["open", "mismatch"]);

const ROUNDS = 4; // how often parts that arrived differently are asked for before a person must look
const AHEAD_S = 30; // addresses are got for no more than will be sent within this time, about

/**
 * One upload: `run` sends what is missing and completes it.
 * States told by `told(state)`: `sending`, `waiting` (for the line), `checking`, `sent`.
 */
export class Upload {
  #file;
  #create;
  #told;
  #going_bytes = 0; // of the part on its way
  #done_bytes = 0;
  #part_s = Infinity; // how long the last part took; not known yet

  /**
   * @param {File} file
   * @param {string} create address of `/uploads`
   * @param {(state: string, sent_bytes: number) => void} told
   */
  constructor(file, create, told) {
    this.#file = file;
    this.#create = create;
    this.#told = told;
  }

  /** Bytes of parts that have arrived whole: where a reload carries on from. */
  get arrived_bytes() {
    return this.#done_bytes;
  }

  /**
   * Ask for the upload, new or begun before.
   * @param {object} wish the body of `POST /uploads`
   * @param {AbortSignal} signal
   * @returns {Promise<object>} the server's bookkeeping
   */
  begin(wish, signal) {
    const key = uuid7();
    return this.#persist(() => ask("POST", this.#create, { body: wish, key, signal }), signal);
  }

  /**
   * Send what hasn't arrived, then complete.
   * @param {object} book what `begin` answered
   * @param {AbortSignal} signal aborted: pause; parts that have arrived stay
   * @returns {Promise<object>} the answer of `complete`
   */
  async run(book, signal) {
    if (!SENDABLE.has(book.state)) return book; // it had arrived already; only the answer was lost
    let now = book;
    for (let round = 1; ; round += 1) {
      await this.#sendMissing(now, signal);
      this.#told("checking", this.#file.size);
      now = await this.#persist(() => ask("GET", `${this.#create}/${book.upload_id}`, { signal }), signal);
      const here = new Map(now.received.map((part) => [part.number, part.etag]));
      const done = here.size === book.parts_total && (await this.#complete(book.upload_id, here, signal));
      if (done) return done;
      if (round === ROUNDS) throw new Refusal(409, { code: "hash_differs", detail: DIFFERS }, null);
      now = await this.#persist(() => ask("GET", `${this.#create}/${book.upload_id}`, { signal }), signal);
    }
  }

  /**
   * Take the upload back; its parts are erased.
   * @param {string} upload_id
   */
  cancel(upload_id) {
    return ask("DELETE", `${this.#create}/${upload_id}`);
  }

  /** @returns {Promise<object | null>} null where the storage misses a part or has it differently: another round */
  async #complete(upload_id, here, signal) {
    const parts = [...here].sort(([a], [b]) => a - b).map(([number, etag]) => ({ number, etag }));
    const key = uuid7();
    try {
      return await this.#persist(() => ask("POST", `${this.#create}/${upload_id}/complete`, { body: { parts }, key, signal }), signal);
    } catch (problem) {
      if (["hash_differs", "parts_missing"].includes(problem.code)) return null;
      throw problem;
    }
  }

  /** One part at a time: whatever breaks off costs one part at most. What comes next is made ready meanwhile. */
  async #sendMissing(book, signal) {
    const here = new Map(book.received.map((part) => [part.number, part]));
    this.#done_bytes = book.received.reduce((sum, part) => sum + part.size_bytes, 0);
    this.#tell("sending");
    let coming = this.#ready(book, here, 1, signal);
    for (let from = 1; from <= book.parts_total;) {
      const { parts, next } = await coming;
      coming = this.#ready(book, here, next, signal);
      coming.catch(() => {}); // it is heard of when its turn comes, if it comes
      for (const part of parts) await this.#send(book, part, signal);
      from = next;
    }
  }

  /**
   * Look at the next parts and get addresses for those that haven't arrived; of a slow line only for one, since an
   * address soon grows old.
   * @returns {Promise<{parts: object[], next: number}>} `next`: the number of the first part not looked at
   */
  async #ready(book, here, from, signal) {
    const most = Math.min(book.urls_at_once, Math.max(1, Math.floor(AHEAD_S / this.#part_s)));
    const parts = [];
    let next = from;
    for (; next <= book.parts_total && parts.length < most; next += 1) {
      const part = await this.#look(book, next);
      const arrived = here.get(next);
      if (arrived?.size_bytes === part.body.size && same(arrived.sha256, part.sha256)) continue; // never sent twice
      parts.push({ ...part, replaced_bytes: arrived?.size_bytes ?? 0 });
    }
    if (parts.length) await this.#persist(() => this.#address(book, parts, signal), signal);
    return { parts, next };
  }

  async #look(book, number) {
    const body = this.#file.slice((number - 1) * book.part_bytes, number * book.part_bytes);
    return { number, body, sha256: await partDigest(body) };
  }

  /** Get addresses for parts; each is good for one try. */
  async #address(book, parts, signal) {
    const body = { parts: parts.map(({ number, sha256 }) => ({ number, sha256 })) };
    const { urls } = await ask("POST", `${this.#create}/${book.upload_id}/part-urls`, { body, key: uuid7(), signal });
    parts.forEach((part, index) => { part.address = urls[index]; });
  }

  async #send(book, part, signal) {
    this.#done_bytes -= part.replaced_bytes;
    await this.#persist(() => this.#once(book, part, signal), signal);
    this.#done_bytes += part.body.size;
    this.#tell("sending");
  }

  async #once(book, part, signal) {
    if (!part.address) await this.#address(book, [part], signal);
    const { address } = part;
    part.address = null;
    const progress = (sent_bytes) => { this.#going_bytes = sent_bytes; this.#tell("sending"); };
    const began_ms = performance.now();
    try {
      const etag = await put(address, part.body, { progress, signal });
      this.#part_s = (performance.now() - began_ms) / 1000;
      return etag;
    } finally {
      this.#going_bytes = 0;
    }
  }

  /** Try until it works; only a 'no' that waiting can't change comes out. */
  async #persist(act, signal) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await act();
      } catch (problem) {
        if (signal.aborted || !passing(problem)) throw problem;
        this.#tell("waiting");
        if (problem instanceof NotTaken && problem.status === 403 && tries === 1) continue; // an old address: a new one at once
        await patience(tries, signal, problem.retryAfterS);
      }
    }
  }

  #tell(state) {
    this.#told(state, Math.min(this.#file.size, this.#done_bytes + this.#going_bytes));
  }
}

const DIFFERS = "Something changed on the way, more than once. What's here is safe. Start again in a while, or from another network.";

function passing(problem) {
  if (problem instanceof NoLine || problem instanceof TypeError || problem instanceof NotTaken) return true;
  if (!(problem instanceof Refusal) || problem.code === "storage_full") return false;
  return problem.status >= 500 || problem.status === 429 || problem.code === "in_progress";
}

/** Storage may name a digest in hex or base64. */
function same(theirs, ours) {
  if (!theirs) return false;
  if (!/^[0-9a-f]{64}$/i.test(theirs)) return theirs === ours;
  return btoa(String.fromCharCode(...theirs.match(/../g).map((pair) => parseInt(pair, 16)))) === ours;
}
