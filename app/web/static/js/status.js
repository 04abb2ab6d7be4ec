/**
 * `<br-status src="/recordings/…/status?part=1" every-s="5"><section>…</section></br-status>`: fetches its own inside anew
 * until that holds something with `data-settled`. Says `data-say` of the new inside when it differs from before.
 */
import htmx from "htmx";
import { hear, numberOf, tell } from "br/dom.js";

const USUAL_S = 5;
const SLOW_S = 30;

export class BrStatus extends HTMLElement {
  #gone;
  #timer;
  #said = null;
  #asking = false;
  #onceMore = false;

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.#said = this.#sentence;
    document.body.addEventListener("live:recording.media", () => this.#fetch(), { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#fetch(), { signal });
    addEventListener("online", () => this.#fetch(), { signal });
    this.#plan();
  }

  disconnectedCallback() {
    this.#gone.abort();
    clearTimeout(this.#timer);
  }

  get #sentence() {
    return this.querySelector("[data-say]")?.dataset.say ?? "";
  }

  #plan() {
    clearTimeout(this.#timer);
    if (this.#gone.signal.aborted || this.querySelector("[data-settled]")) return;
    const every_s = document.visibilityState === "visible" ? numberOf(this, "every-s") ?? USUAL_S : SLOW_S;
    this.#timer = setTimeout(() => this.#fetch(), every_s * 1000);
  }

  async #fetch() {
    clearTimeout(this.#timer);
    if (this.#gone.signal.aborted || this.querySelector("[data-settled]")) return;
    if (this.#asking) { // what is on its way may have been made before the news came
      this.#onceMore = true;
      return;
    }
    this.#asking = true;
    this.#onceMore = false;
    const held = this.contains(document.activeElement) ? document.activeElement.id : "";
    try {
      await htmx.ajax("GET", this.getAttribute("src"), { source: this, target: this, swap: "innerHTML" });
      if (held) document.getElementById(held)?.focus(); // whoever was on a button stays on it
      this.#tellNews();
    } finally {
      this.#asking = false;
      if (this.#onceMore) this.#fetch();
      else this.#plan();
    }
  }

  #tellNews() {
    const sentence = this.#sentence;
    if (sentence && sentence !== this.#said) hear(sentence);
    this.#said = sentence;
    if (this.querySelector("[data-settled]")) tell(this, "br:settled");
  }
}

customElements.define("br-status", BrStatus);
