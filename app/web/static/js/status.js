/**
 * `<br-status src="/recordings/…/status?part=1" every-s="5"><section>…</section></br-status>`: fetches its own inside anew
 * until that holds something with `data-settled`. Says `data-say` of the new inside (where it is empty, the words of its
 * element) when it differs from before; an inside that came as it was stays in the page, with whatever its reader has opened there.
 */
import htmx from "htmx";
import { hear, numberOf, tell } from "br/dom.js";

const USUAL_S = 5;
const SLOW_S = 30;
const NEWS = ["recording.media", "me.steps", "sync.reset"];

export class BrStatus extends HTMLElement {
  #gone;
  #timer;
  #said = null;
  #asking = false;
  #onceMore = false;
  #inside = ""; // as it came last

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.#said = this.#sentence;
    this.#inside = this.innerHTML.trim();
    for (const news of NEWS) document.body.addEventListener(`live:${news}`, () => this.#fetch(), { signal });
    this.addEventListener("htmx:before:swap", (event) => this.#keepWhatIsTheSame(event), { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#fetch(), { signal });
    addEventListener("online", () => this.#fetch(), { signal });
    this.#plan();
  }

  disconnectedCallback() {
    this.#gone.abort();
    clearTimeout(this.#timer);
  }

  get #sentence() {
    const said = this.querySelector("[data-say]");
    return said ? said.dataset.say || said.textContent : "";
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
    const held = this.contains(document.activeElement) ? document.activeElement : null;
    try {
      await htmx.ajax("GET", this.getAttribute("src"), { source: this, target: this, swap: "innerHTML" });
      if (held && !held.isConnected) this.#sameAs(held)?.focus(); // whoever was on a button stays on it
      this.#tellNews();
    } finally {
      this.#asking = false;
      if (this.#onceMore) this.#fetch();
      else this.#plan();
    }
  }

  #keepWhatIsTheSame(event) {
    if (event.target !== this) return;
    const came = document.createElement("template");
    came.innerHTML = event.detail.ctx.text;
    const inside = came.innerHTML.trim();
    if (inside === this.#inside) event.preventDefault();
    this.#inside = inside;
  }

  #sameAs({ id, href }) {
    if (id) return document.getElementById(id);
    return [...this.querySelectorAll("a[href]")].find((link) => link.href === href);
  }

  #tellNews() {
    const sentence = this.#sentence;
    if (sentence && sentence !== this.#said) hear(sentence);
    this.#said = sentence;
    if (this.querySelector("[data-settled]")) tell(this, "br:settled");
  }
}

customElements.define("br-status", BrStatus);
