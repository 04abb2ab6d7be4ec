/** One line under the picture that says what holds playing up, with what can be done about it. */
import { el, say } from "br/dom.js";

/** Shows at most one notice; never over the picture, never as a pop-up. */
export class Notice {
  #code = null;

  constructor() {
    this.root = el("div", { class: "player__notice notice", hidden: true });
  }

  /** The code of what is shown, or null. */
  get code() {
    return this.#code;
  }

  /**
   * @param {string} code
   * @param {string} sentence
   * @param {Array<[string, () => void]>} [choices] words and act of each button
   */
  show(code, sentence, choices = []) {
    if (this.#code === code && this.root.firstChild?.textContent === sentence) return; // said once is enough
    this.#code = code;
    const buttons = choices.map(([words, act]) => el("button", { type: "button", class: "button", onclick: () => { this.clear(); act(); } }, words));
    this.root.replaceChildren(el("p", {}, sentence), ...buttons);
    this.root.hidden = false;
    say(sentence);
  }

  /** @param {string} [code] clear only this one */
  clear(code) {
    if (code !== undefined && code !== this.#code) return;
    this.#code = null;
    this.root.hidden = true;
    this.root.replaceChildren();
  }
}
