/**
 * `<br-live topics="me,recording:R" after="42" poll="15"></br-live>`: hears what changes while the page is open, and sends
 * it on as `live:<event>` on `body`. Without `after` it is also told of the last minute. Where no stream holds, it asks
 * every `poll` seconds. While nobody looks, and nothing plays, it lets its place go.
 */
import { ask } from "br/api.js";
import { numberOf } from "br/dom.js";

const ADDRESS = "/api/v1/events";
const EVENTS = [
  "recording.media", "access.changed", "feedback.released", "response.saved", "protocol.signed", "cycle.state", "me.steps", "sync.reset",
];
const TRIES = 3;
const AGAIN_MS = 3000;
const USUAL_S = 15;

export class BrLive extends HTMLElement {
  #gone;
  #after = "";
  #failed = 0;
  #stream = null;
  #timer;

  connectedCallback() {
    this.#gone = new AbortController();
    this.#after = this.getAttribute("after") ?? "";
    const { signal } = this.#gone;
    document.addEventListener("visibilitychange", () => this.#look(), { signal });
    addEventListener("online", () => this.#begin(), { signal });
    addEventListener("pagehide", () => this.#end(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.#begin(), { signal });
    this.#begin();
  }

  disconnectedCallback() {
    this.#gone.abort();
    this.#end();
  }

  #look() {
    if (document.visibilityState === "visible") this.#begin();
    else if (![...document.querySelectorAll("video")].some((video) => !video.paused)) this.#end();
  }

  #begin() {
    this.#end();
    this.#failed = 0;
    this.#open();
  }

  #end() {
    clearTimeout(this.#timer);
    this.#stream?.close();
    this.#stream = null;
  }

  #query() {
    const query = new URLSearchParams({ topics: this.getAttribute("topics") });
    if (this.#after) query.set("after", this.#after);
    return query;
  }

  #open() {
    const stream = new EventSource(`${ADDRESS}?${this.#query()}`);
    this.#stream = stream;
    stream.addEventListener("open", () => (this.#failed = 0));
    stream.addEventListener("error", () => this.#stumble(stream));
    for (const name of EVENTS) {
      stream.addEventListener(name, (event) => this.#tell(name, JSON.parse(event.data), event.lastEventId));
    }
  }

  /** A stream that breaks is opened again by the browser; one that is refused isn't, so that is ours to do. */
  #stumble(stream) {
    if (stream !== this.#stream) return;
    this.#failed += 1;
    if (this.#failed >= TRIES) {
      this.#end();
      this.#poll();
    } else if (stream.readyState === EventSource.CLOSED) {
      this.#end();
      this.#timer = setTimeout(() => this.#open(), AGAIN_MS);
    }
  }

  async #poll() {
    const { signal } = this.#gone;
    try {
      const told = await ask("GET", `${ADDRESS}/poll?${this.#query()}`, { signal });
      for (const { id, event, data } of told.events) this.#tell(event, data, id);
      this.#after = told.after;
    } catch (problem) {
      if (signal.aborted || problem.status === 401) return; // signed out: the page itself says so
    }
    const every_s = numberOf(this, "poll") ?? USUAL_S;
    if (!signal.aborted && !this.#stream) this.#timer = setTimeout(() => this.#poll(), every_s * 1000);
  }

  #tell(name, detail, id) {
    this.#after = id;
    document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));
  }
}

customElements.define("br-live", BrLive);
