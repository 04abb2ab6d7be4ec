/**
 * `<br-moment at-ms="12000"><a href="?at=12000">0:12</a></br-moment>`: moves the lesson's player to that moment.
 * `until-ms` plays a range to its end; `pre-roll` starts a few seconds before, as the person has set it.
 */
import { numberOf, tell } from "br/dom.js";

export class BrMoment extends HTMLElement {
  #gone;

  connectedCallback() {
    this.#gone = new AbortController();
    this.addEventListener("click", (event) => this.#seek(event), { signal: this.#gone.signal });
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  #seek(event) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return; // a new tab is the person's own choice
    if (!event.target.closest("a, button")) return;
    const detail = { at_ms: numberOf(this, "at-ms"), until_ms: numberOf(this, "until-ms"), pre_roll: this.hasAttribute("pre-roll") };
    if (tell(this, "br:seek", detail)) event.preventDefault(); // nobody took it: no player here, let the link work
  }
}

customElements.define("br-moment", BrMoment);
