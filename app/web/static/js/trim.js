/**
 * `<br-trim in-ms="720000" out-ms="1410000">`, made by the uploader for the file that was chosen: shows the film where the
 * browser plays it, and says which stretch is kept, and where it is cut. Sends `br:trim {in_ms, out_ms}`.
 */
import { cutterFor } from "br/cutting.js";
import { el, numberOf, tell } from "br/dom.js";
import { face, parse } from "br/time.js";
import { TrimStrip } from "br/trim-strip.js";
import { HERE, ON_ARRIVAL, keeps } from "br/trim-words.js";

const SHORTEST_MS = 1000;
const LONGEST_MS = 86_400_000; // where nobody knows how long it is: until its end
const UNREAD = "Write a moment like 12:30, the end after the start.";

export class BrTrim extends HTMLElement {
  #file = null;
  #film = null;
  #address = null;
  #duration_ms = null;
  #place = { in_ms: 0, out_ms: LONGEST_MS };
  #strip = new TrimStrip((end, ms) => this.#set(end, ms, { look: true }));
  #fields = {};
  #keeps = el("p", { role: "status" });
  #where = el("p", { class: "hint" });
  #looking = null; // the promise of a cutter, once somebody trims

  disconnectedCallback() {
    URL.revokeObjectURL(this.#address);
  }

  /** The stretch that is kept, or null where all of it is. */
  get trim() {
    const { in_ms, out_ms } = this.#place;
    return in_ms > 0 || out_ms < (this.#duration_ms ?? LONGEST_MS) ? { in_ms, out_ms } : null;
  }

  /** Where the film is cut: a cutter here, or null: on arrival. */
  get cutter() {
    return (this.#looking ??= cutterFor(this.#file));
  }

  /** @param {File} file */
  show(file) {
    this.#file = file;
    this.#address = URL.createObjectURL(file);
    this.#film = el("video", { class: "trim__film", src: this.#address, controls: true, preload: "metadata", playsinline: true, "aria-label": "The film that you chose" });
    this.#film.hidden = true;
    this.#film.addEventListener("loadedmetadata", () => this.#known());
    this.#strip.root.hidden = true;
    const asked = { in_ms: numberOf(this, "in-ms"), out_ms: numberOf(this, "out-ms") };
    for (const [end, ms] of Object.entries(asked)) if (ms !== null) this.#place[end] = ms;
    this.replaceChildren(el("fieldset", { class: "trim" }, el("legend", {}, "Trim first ", el("span", { class: "optional" }, "(optional)")),
      this.#film, this.#strip.root, el("div", { class: "trim__ends" }, this.#end("in_ms", "Start"), this.#end("out_ms", "End")), this.#keeps, this.#where));
    this.#say();
  }

  /** Stop the film: the page has other things to show. */
  pause() {
    this.#film?.pause();
  }

  /** This browser couldn't do it after all: it is cut on arrival, and the page says so. */
  cutOnArrival() {
    this.#looking = Promise.resolve(null);
    this.#say();
  }

  #known() {
    const { duration, videoWidth } = this.#film;
    if (!videoWidth || !Number.isFinite(duration)) return; // sound alone can be played, or nobody knows how long it is
    this.#duration_ms = Math.floor(duration * 1000);
    this.#film.hidden = this.#strip.root.hidden = false;
    for (const here of this.querySelectorAll("[data-here]")) here.hidden = false;
    this.#place.out_ms = Math.min(this.#place.out_ms, this.#duration_ms);
    this.#place.in_ms = Math.min(this.#place.in_ms, this.#place.out_ms - SHORTEST_MS);
    this.#say();
  }

  #end(end, name) {
    const id = `trim-${end}`;
    const field = el("input", { id, name: `trim_${end}`, class: "input input--short", inputmode: "text", autocomplete: "off", placeholder: end === "out_ms" ? "its end" : "0:00" });
    field.addEventListener("change", () => this.#typed(end, field));
    const step = (seconds, label) => el("button", { type: "button", class: "button button--small", "aria-label": `${name}: ${label}`, onclick: () => this.#set(end, this.#place[end] + seconds * 1000, { look: true }) }, label);
    const here = el("button", { type: "button", class: "button button--small", "data-here": true, hidden: true, "aria-label": `${name}: here`, onclick: () => this.#set(end, Math.round(this.#film.currentTime * 1000)) }, "here");
    this.#fields[end] = field;
    return el("div", { class: "field" }, el("label", { for: id }, name), field, el("div", { class: "acts" }, step(-1, "−1 s"), step(1, "+1 s"), here));
  }

  #typed(end, field) {
    const ms = field.value.trim() ? parse(field.value) : { in_ms: 0, out_ms: LONGEST_MS }[end];
    field.setCustomValidity(ms === null ? UNREAD : "");
    if (ms === null) return field.reportValidity();
    return this.#set(end, ms, { look: true });
  }

  #set(end, ms, { look = false } = {}) {
    const most = this.#duration_ms ?? LONGEST_MS;
    const place = { ...this.#place };
    if (end === "in_ms") place.in_ms = Math.max(0, Math.min(ms, place.out_ms - SHORTEST_MS));
    else place.out_ms = Math.min(most, Math.max(ms, place.in_ms + SHORTEST_MS));
    this.#place = place;
    if (look && this.#duration_ms) {
      this.#film.pause();
      this.#film.currentTime = place[end] / 1000;
    }
    this.#say();
    tell(this, "br:trim", { in_ms: place.in_ms, out_ms: place.out_ms });
  }

  async #say() {
    const place = this.#place;
    const known = place.out_ms < LONGEST_MS;
    this.#fields.in_ms.value = face(place.in_ms);
    this.#fields.out_ms.value = known ? face(place.out_ms) : "";
    if (this.#duration_ms) this.#strip.show({ ...place, duration_ms: this.#duration_ms });
    this.#keeps.textContent = keeps(this.trim, { bytes: this.#file.size, duration_ms: this.#duration_ms });
    this.#where.textContent = this.trim ? "Looking how it can be cut …" : "";
    if (!this.trim) return;
    const cutter = await this.cutter;
    const begins_ms = await cutter?.beginsAt(place.in_ms).catch(() => null);
    if (place === this.#place && this.trim) this.#where.textContent = cutter ? HERE(begins_ms ?? place.in_ms) : ON_ARRIVAL;
  }
}

customElements.define("br-trim", BrTrim);
