/**
 * `<br-note-list><form data-filters>…</form><ol id="notes-list">…</ol></br-note-list>`: marks the note nearest to the lesson's moment,
 * shows those of a kind or a focus item, and goes from note to note by P and shift P.
 */
import { say, tell } from "br/dom.js";
import { onKeys } from "br/keys.js";
import { notesOf } from "br/timeline.js";

const NEAR_MS = 15_000;
const HERE_MS = 500; // a note this near is the one we are at

export class BrNoteList extends HTMLElement {
  #gone;
  #at_ms = 0;
  #byKey = false; // whether the last button was pressed by key

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    document.addEventListener("br:time", ({ detail }) => this.#near(detail.at_ms), { signal });
    for (const name of ["br:notes-changed", "htmx:after:swap"]) document.addEventListener(name, () => this.#filter(), { signal });
    document.addEventListener("click", ({ detail }) => (this.#byKey = detail === 0), { capture: true, signal });
    document.addEventListener("htmx:after:swap", () => this.#goOn(), { signal });
    const filters = this.querySelector("[data-filters]");
    filters?.addEventListener("change", () => { this.#filter(); say(this.#count()); }, { signal });
    filters?.addEventListener("submit", (event) => event.preventDefault(), { signal });
    this.addEventListener("click", ({ target }) => { const by = target.closest("[data-go]"); if (by) this.#go(Number(by.dataset.go)); }, { signal });
    onKeys({ p: () => this.#go(1), P: () => this.#go(-1) }, signal);
    this.#filter();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  get #notes() {
    return notesOf(this).filter(({ node }) => !node.hidden);
  }

  /** The last note that has begun, while it is near; never scrolls, never takes the focus. */
  #near(at_ms) {
    this.#at_ms = at_ms;
    const goneTo = this.querySelector("[data-gone-to]");
    if (goneTo && Math.abs(at_ms - Number(goneTo.dataset.atMs)) > NEAR_MS) goneTo.removeAttribute("data-gone-to"); // moved on since
    const begun = this.#notes.filter((note) => note.at_ms <= at_ms + HERE_MS).sort((a, b) => a.at_ms - b.at_ms).at(-1);
    const near = begun && at_ms - (begun.until_ms ?? begun.at_ms) < NEAR_MS ? begun.node : null;
    const before = this.querySelector("[aria-current='true']");
    if (before === near) return;
    before?.removeAttribute("aria-current");
    near?.setAttribute("aria-current", "true");
    if (near && this.hasAttribute("follow")) near.scrollIntoView({ block: "nearest" });
  }

  #filter() {
    const form = this.querySelector("[data-filters]");
    const wanted = (name) => valueOf(form?.elements[name]);
    const [kind, focus, mine] = [wanted("kind"), wanted("focus"), wanted("mine")];
    for (const note of notesOf(this)) {
      note.node.hidden = Boolean((kind && note.kind !== kind) || (focus && note.focus !== focus) || (mine && !note.mine));
    }
  }

  /** After deleting by key the focus is on the undo, after that on the note again: what was pressed is no longer there. */
  #goOn() {
    const status = document.getElementById("status");
    const told = status?.querySelector("[data-passes]");
    if (this.#byKey && document.activeElement === document.body) {
      const next = told ? document.getElementById(told.dataset.passes) : status?.querySelector("[data-undo]");
      next?.querySelector("a, button")?.focus({ preventScroll: true });
    }
    if (told) say(told.textContent); // it asks for nothing, so it goes away as our own sentences do
  }

  #count() {
    const count = this.#notes.length;
    return count === 1 ? "1 note is shown." : `${count} notes are shown.`;
  }

  /** The next (1) or previous (-1) note from here; its pre-roll doesn't make it the next one again. */
  #go(way) {
    const notes = this.#notes.sort((a, b) => a.at_ms - b.at_ms);
    const current = notes.findIndex(({ node }) => node.hasAttribute("data-gone-to"));
    const passed = notes.filter((note) => note.at_ms <= this.#at_ms + HERE_MS * way).length;
    const index = current >= 0 ? current + way : way > 0 ? passed : passed - 1;
    const to = notes[index];
    if (!to) return say(way > 0 ? "That was the last note." : "That was the first note.");
    notes[current]?.node.removeAttribute("data-gone-to");
    to.node.setAttribute("data-gone-to", "");
    tell(this, "br:seek", { at_ms: to.at_ms, until_ms: to.until_ms, pre_roll: true });
    return to.node.scrollIntoView({ block: "nearest" });
  }
}

function valueOf(field) {
  if (!field || (field.type === "checkbox" && !field.checked)) return "";
  return field.value;
}

customElements.define("br-note-list", BrNoteList);
