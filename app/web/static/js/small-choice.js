/** The choice to send a small copy first, where this browser can make one. */
import { el } from "br/dom.js";
import { canMakeSmall, isSlowLine, makeSmall } from "br/small-copy.js";

/** Offers the choice once a film is chosen; ticked beforehand where the browser says that the line is slow. */
export class SmallChoice {
  #box = el("input", { type: "checkbox", id: "small-first" });
  #root = el("div", { class: "choice" }, this.#box, el("label", { for: "small-first" }, "Send a small copy first"),
    el("p", { class: "hint" }, "It can be watched soon, also over a slow line. The full film follows and takes its place; every note stays at its moment. Not for a film that is cut on arrival."));
  #offered = false;

  /** @param {Element} after what it is put behind */
  async offer(after) {
    if (!(await canMakeSmall()) || !after.isConnected) return;
    after.after(this.#root);
    if (!this.#offered) this.#box.checked = isSlowLine();
    this.#offered = true;
  }

  /**
   * Make the copy, where it is wished for and can be made.
   * @param {File} film
   * @param {{progress: (share: number) => void, signal: AbortSignal}} how
   * @returns {Promise<File | null>}
   */
  make(film, how) {
    return this.#box.checked && this.#root.isConnected ? makeSmall(film, how) : Promise.resolve(null);
  }
}
