/** `<br-copy value="…"><button type="button" hidden>Copy the link</button></br-copy>`: copies, and says so. */
import { say } from "br/dom.js";

export class BrCopy extends HTMLElement {
  #gone;

  connectedCallback() {
    this.#gone = new AbortController();
    const button = this.querySelector("button");
    button.hidden = !navigator.clipboard; // without a clipboard the text beside it can still be selected
    button.addEventListener("click", () => this.#copy(), { signal: this.#gone.signal });
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.getAttribute("value") ?? "");
      say("Copied.");
    } catch {
      say("This browser didn't let us copy. Select the text and copy it yourself.");
    }
  }
}

customElements.define("br-copy", BrCopy);
