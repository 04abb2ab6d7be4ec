/** Calls to Backrow's own JSON API: the cookie, the token, and refusals that a person can read. */

/** A refusal by Backrow. `code` names it for the program, the message says it to the person. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {{code?: string, detail?: string, title?: string, fields?: Record<string, string>}} problem
   * @param {number | null} retryAfterS
   */
  constructor(status, problem, retryAfterS) {
    super(problem.detail || problem.title || "Something broke here, not with you. What you typed is kept. Try again in a minute.");
    this.status = status;
    this.code = problem.code ?? String(status);
    this.fields = problem.fields ?? {};
    this.retryAfterS = retryAfterS;
  }
}

/** No answer came: the line is down, or the machine is. Safe to ask again with the same key. */
export class NoLine extends Error {
  constructor(cause) {
    super("We can't reach Backrow just now.", { cause });
  }
}

/**
 * Ask the API.
 * @param {string} method
 * @param {string} address
 * @param {{body?: unknown, key?: string, ifMatch?: string, keepalive?: boolean, signal?: AbortSignal}} [more]
 *   `key` is the Idempotency-Key: the same key never does a thing twice
 * @returns {Promise<any>} the JSON answered, or null where there is none
 * @throws {Refusal} when Backrow says no
 * @throws {NoLine} when nothing answers
 */
export async function ask(method, address, { body, key, ifMatch, keepalive = false, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRF-Token"] = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  if (ifMatch) headers["If-Match"] = ifMatch;
  const sent = body === undefined ? undefined : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(address, { method, headers, body: sent, keepalive, signal, credentials: "same-origin", redirect: "error" });
  } catch (cause) {
    if (signal?.aborted && cause.name !== "TimeoutError") throw cause;
    throw new NoLine(cause);
  }
  if (!answer.ok) throw await refusalOf(answer);
  return answer.status === 204 ? null : answer.json().catch(() => null);
}

async function refusalOf(answer) {
  const problem = await answer.json().catch(() => ({}));
  const wait = Number(answer.headers.get("Retry-After") ?? problem.retry_after_s ?? NaN);
  return new Refusal(answer.status, problem, Number.isFinite(wait) ? wait : null);
}
