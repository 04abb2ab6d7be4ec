/** Sends one part's bytes to the storage. */

/** The storage answered, but didn't take the part. */
export class NotTaken extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`The storage answered ${status}.`);
    this.status = status;
  }
}

/**
 * PUT a blob; XMLHttpRequest, because fetch can't tell how much has gone out.
 * @param {{url: string, method?: string, headers?: Record<string, string>}} address
 * @param {Blob} part
 * @param {{progress: (sent_bytes: number) => void, signal: AbortSignal}} how
 * @returns {Promise<string>} the ETag
 * @throws {NotTaken} on any status but 2xx
 * @throws {TypeError} when nothing answered
 */
export function put(address, part, { progress, signal }) {
  return new Promise((taken, failed) => {
    const request = new XMLHttpRequest();
    request.open(address.method ?? "PUT", address.url);
    for (const [name, value] of Object.entries(address.headers ?? {})) request.setRequestHeader(name, value);
    const stop = () => request.abort();
    signal.addEventListener("abort", stop, { once: true });
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("load", () => {
      const ok = request.status >= 200 && request.status < 300;
      if (ok) taken(request.getResponseHeader("ETag") ?? "");
      else failed(new NotTaken(request.status));
    });
    request.addEventListener("error", () => failed(new TypeError("no answer")));
    request.addEventListener("abort", () => failed(signal.reason ?? new DOMException("stopped", "AbortError")));
    request.addEventListener("loadend", () => signal.removeEventListener("abort", stop));
    request.send(part);
  });
}
