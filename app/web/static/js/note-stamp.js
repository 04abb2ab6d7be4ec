/** The moment a note is about: set by the first key, moved only by hand, shown as "Note at 4:12". */
import { say } from "br/dom.js";
import { face, parse, spoken } from "br/time.js";

const END_FIRST = "The end must come after the start. Go on a little, then set the end again.";

/** Keeps `at_ms`, `until_ms` and the words beside the box in step. */
export class NoteStamp {
  #form;
  #now;
  #shown;
  #chosen = false;

  /**
   * @param {HTMLFormElement} form
   * @param {() => number} now the lesson's present moment
   * @param {Element | null} shown where "Note at 4:12" stands
   */
  constructor(form, now, shown) {
    this.#form = form;
    this.#now = now;
    this.#shown = shown;
  }

  get at_ms() {
    return this.#read("at_ms");
  }

  get until_ms() {
    return this.#read("until_ms");
  }

  get set() {
    return this.at_ms !== null;
  }

  /** Whether somebody has moved it or marked a stretch by hand. */
  get chosen() {
    return this.#chosen;
  }

  /** Put the stamp where the lesson is now, with the time of day it was written. */
  begin() {
    this.#write("at_ms", this.#now());
    this.#form.elements.written_at.value = new Date().toISOString();
    this.show();
  }

  /** @param {number} by_ms */
  move(by_ms) {
    if (!this.set) this.begin();
    this.#chosen = true;
    this.#write("at_ms", Math.max(0, this.at_ms + by_ms));
    const dropped = this.#dropEnd();
    this.show();
    say(`Note at ${spoken(this.at_ms)}.${dropped}`);
  }

  /** The range begins now. */
  rangeIn() {
    const begun = this.set;
    if (!begun) this.begin();
    else this.#write("at_ms", this.#now());
    this.#chosen = true;
    const dropped = this.#dropEnd();
    this.show();
    say(`From ${spoken(this.at_ms)}.${dropped}`);
  }

  /** The range ends now; an end before the start has no meaning and says so. */
  rangeOut() {
    if (!this.set) this.begin();
    const until_ms = this.#now();
    if (until_ms <= this.at_ms) return say(END_FIRST);
    this.#write("until_ms", until_ms);
    this.show();
    return say(`From ${spoken(this.at_ms)} until ${spoken(until_ms)}.`);
  }

  /** An end that no longer comes after the start goes. @returns {string} what to say of it */
  #dropEnd() {
    if (this.until_ms === null || this.until_ms > this.at_ms) return "";
    this.#write("until_ms", null);
    return ` ${END_FIRST}`;
  }

  /** A time typed by hand, where the form has a field for it. @returns {boolean} */
  typed() {
    const at_ms = parse(this.#form.elements.at?.value ?? "");
    if (at_ms === null) return false;
    this.#write("at_ms", at_ms);
    this.#chosen = true;
    if (this.#dropEnd()) say(END_FIRST);
    if (!this.#form.elements.written_at.value) this.#form.elements.written_at.value = new Date().toISOString();
    this.show();
    return true;
  }

  /** Take the stamp away: the next key sets a new one. */
  clear() {
    for (const name of ["at_ms", "until_ms"]) this.#write(name, null);
    this.#chosen = false;
    this.#form.elements.written_at.value = "";
    this.show();
  }

  /** Show the stamp; before there is one, where it would be. */
  show() {
    const at_ms = this.at_ms ?? this.#now();
    const until = this.until_ms === null ? "" : `–${face(this.until_ms)}`;
    const field = this.#form.elements.at;
    if (this.#shown) this.#shown.textContent = `Note at ${face(at_ms)}${until}`;
    this.#shown?.classList.toggle("hidden", Boolean(field) && !until); // the field says it to the eye
    if (field && field !== document.activeElement) field.value = face(at_ms);
  }

  #read(name) {
    const { value } = this.#form.elements[name];
    return value === "" ? null : Number(value);
  }

  #write(name, value) {
    this.#form.elements[name].value = value === null ? "" : String(Math.round(value));
  }
}
