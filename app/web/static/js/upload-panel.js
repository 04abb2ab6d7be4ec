/** The bar, the line under it and the two buttons of an upload. */
import { el, hear } from "br/dom.js";
import { Pace, line } from "br/upload-words.js";

const SPOKEN = [25, 50, 75, 100];

/** Shows how an upload goes; speaks at a quarter, half, three quarters and the whole, and when its state changes. */
export class UploadPanel {
  #bar = el("progress", { max: 100, value: 0, id: "upload-bar" });
  #words = el("p", { class: "progress__words" });
  #pause;
  #pace = new Pace();
  #state = "";
  #spoken = 0;

  /**
   * @param {string} name of the file
   * @param {number} total_bytes
   * @param {{pause: () => void, cancel: () => void}} acts
   */
  constructor(name, total_bytes, acts) {
    this.total_bytes = total_bytes;
    this.#pause = el("button", { type: "button", class: "button", onclick: acts.pause }, "Pause");
    const cancel = el("button", { type: "button", class: "button", onclick: acts.cancel }, "Stop, and take back what was sent");
    this.root = el("div", { class: "sending" },
      el("div", { class: "progress" }, el("label", { for: "upload-bar" }, `Sending ${name}`), this.#bar, this.#words),
      el("p", { class: "acts" }, this.#pause, " ", cancel));
  }

  /**
   * @param {string} state
   * @param {number} sent_bytes
   */
  show(state, sent_bytes) {
    if (state === "sending") this.#pace.add(sent_bytes);
    const { total_bytes } = this;
    const words = line(state, { sent_bytes, total_bytes, speed: this.#pace.speed });
    this.#bar.value = (sent_bytes / Math.max(1, total_bytes)) * 100;
    this.#words.textContent = words;
    this.#pause.textContent = state === "paused" ? "Carry on" : "Pause";
    this.#speak(state, words);
  }

  #speak(state, words) {
    const quarter = SPOKEN.filter((percent) => this.#bar.value >= percent).at(-1) ?? 0;
    if (state !== this.#state && this.#state) {
      if (state !== "sending") hear(words);
      this.#pace = new Pace();
    } else if (quarter > this.#spoken && state === "sending") hear(words);
    this.#spoken = Math.max(this.#spoken, quarter);
    this.#state = state;
  }
}
