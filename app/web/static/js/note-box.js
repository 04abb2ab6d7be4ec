/**
 * `<br-note-box recording="r1" notes="#notes-list" pause-while-writing><form method="post" …>…</form></br-note-box>`:
 * the form in which a note is written. The first key stamps it; keeping it never needs the line.
 */
import { hear, say, tell } from "br/dom.js";
import { uuid7 } from "br/ids.js";
import { kept } from "br/kept.js";
import { mend } from "br/mend.js";
import { noteKeys } from "br/note-keys.js";
import { placeNote, placeWaiting } from "br/note-place.js";
import { NoteStamp } from "br/note-stamp.js";
import { CLOSED, drain, drop, send, waiting } from "br/outbox-store.js";
import { personId, recall, remember } from "br/person.js";
import { spoken } from "br/time.js";

const SENT = ["at_ms", "until_ms", "kind", "focus_item_id", "case_pupil_id", "body", "written_at"];
const NUMBERS = new Set(["at_ms", "until_ms"]);
const PATIENCE_MS = 1500; // the words are safe on this device by then: a slow answer need not hold the writer up

export class BrNoteBox extends HTMLElement {
  #gone;
  #form;
  #stamp;
  #resume = false;
  #posting = null;

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.#form = this.querySelector("form");
    this.#stamp = new NoteStamp(this.#form, () => this.player?.atMs ?? 0, this.querySelector("[data-part='stamp']"));
    const on = (target, name, act) => target.addEventListener(name, act, { signal });
    on(this.#text, "beforeinput", () => this.begin());
    on(this.#text, "input", () => this.#emptied());
    on(this.#form, "input", () => this.#saveDraft());
    on(this.#form, "submit", (event) => this.#post(event));
    on(this.#form, "click", (event) => this.#part(event));
    on(document, "br:time", () => this.#stamp.set || this.#stamp.show());
    on(document, "br:outbox-sent", ({ detail }) => this.#sent(detail));
    on(document, "br:outbox-waiting", ({ detail }) => this.#waits(detail));
    on(document, "br:outbox-refused", ({ detail }) => this.#refused(detail));
    on(document, "br:problem", ({ detail }) => detail.code === "access_ended" && this.#closed());
    if (this.#form.elements.at) on(this.#form.elements.at, "change", () => this.#typed());
    this.#pauseChoice(on);
    noteKeys(this, signal);
    this.#restore();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  /** The lesson's player, where this page has one. */
  get player() {
    return document.querySelector("br-player");
  }

  get stamp() {
    return this.#stamp;
  }

  /** Open the box at the present moment, with a kind where a key named one. */
  open(kind = null) {
    if (kind) this.chooseKind(kind);
    this.#text.focus();
  }

  /**
   * Choose what the note is about: the nth of a field's choices, counted after the empty one.
   * @param {string} name `focus_item_id` or `case_pupil_id`
   * @param {number} nth from 1
   * @returns {boolean} whether there is such a choice
   */
  chooseAbout(name, nth) {
    const select = this.#form.elements[name];
    const option = [...(select?.options ?? [])].filter(({ value }) => value)[nth - 1];
    if (!option) return false;
    select.value = option.value;
    this.#saveDraft();
    say(`About ${option.textContent.trim()}.`);
    return true;
  }

  /** Choose the nth kind, or a kind by its value. */
  chooseKind(kind) {
    const radios = [...this.#form.querySelectorAll("input[name='kind']")];
    const radio = typeof kind === "number" ? radios[kind - 1] : radios.find((one) => one.value === kind);
    if (!radio) return;
    radio.checked = true;
    this.#saveDraft();
    hear(radio.labels?.[0]?.textContent.trim() ?? "");
  }

  /** The first key of a note: the stamp is this moment, whatever the player does from here on. */
  begin() {
    if (this.#stamp.set) return;
    this.#stamp.begin();
    const pauses = this.#pauses && this.player?.playing;
    if (pauses) {
      this.#resume = true;
      this.player.pause();
    }
    hear(`Note at ${spoken(this.#stamp.at_ms)}${pauses ? ", playing paused" : ""}.`);
    tell(this, "br:note-begin", { at_ms: this.#stamp.at_ms });
  }

  /** Move the stamp or set the range, and keep that in the draft. */
  change(act) {
    act(this.#stamp);
    this.#saveDraft();
    if (this.#stamp.until_ms !== null) tell(this, "br:range", { at_ms: this.#stamp.at_ms, until_ms: this.#stamp.until_ms });
  }

  get #text() {
    return this.#form.elements.body;
  }

  get #list() {
    return document.querySelector(this.getAttribute("notes") ?? "#notes-list");
  }

  get #address() {
    return this.getAttribute("api") ?? `/api/v1/recordings/${this.getAttribute("recording")}/notes`;
  }

  get #pauses() {
    return (recall("pause-while-writing") ?? String(this.hasAttribute("pause-while-writing"))) === "true";
  }

  #pauseChoice(on) {
    const box = this.querySelector("input[name='pause_while_writing']");
    if (!box) return;
    box.checked = this.#pauses;
    on(box, "change", () => remember("pause-while-writing", box.checked));
  }

  #part(event) {
    const part = event.target.closest("[data-part]")?.dataset.part;
    const act = {
      earlier: (stamp) => stamp.move(-1000),
      later: (stamp) => stamp.move(1000),
      "range-in": (stamp) => stamp.rangeIn(),
      "range-out": (stamp) => stamp.rangeOut(),
    }[part];
    if (act) this.change(act);
  }

  #typed() {
    if (this.#stamp.typed()) this.#saveDraft();
    else this.#mend({ at: "Write the moment like this: 4:12." });
  }

  async #post(event) {
    event.preventDefault();
    this.#mend({});
    const body = this.#text.value.trim();
    if (!body) return this.#mend({ body: "Write what you saw or heard first. A few words are plenty." });
    if (!this.#stamp.set) this.begin();
    if (this.#posting) return undefined; // a second press while the first is on its way
    const { key } = this.#form.elements;
    key.value ||= uuid7();
    if (this.#resume) this.player?.play();
    this.#resume = false;
    this.#posting = key.value;
    const wish = { method: "POST", path: this.#address, key: key.value, body: this.#note() };
    const { safe, done } = await send(wish);
    const late = await Promise.race([done, ...(safe ? [new Promise((go) => setTimeout(go, PATIENCE_MS, "late"))] : [])]);
    if (late === "late" && this.#list) placeWaiting(this.#list, wish, "On its way. Kept on this device until it arrives.");
    if (key.value === this.#posting) this.#clear(); // a refusal has given the words in the box a new key
    this.#posting = null;
    this.#text.focus();
    return undefined;
  }

  #note() {
    const data = new FormData(this.#form);
    const note = {};
    for (const name of SENT) {
      const value = name === "body" ? this.#text.value.trim() : data.get(name);
      note[name] = value === null || value === "" ? null : NUMBERS.has(name) ? Number(value) : value;
    }
    return note;
  }

  async #sent({ key, answer, path }) {
    if (path !== this.#address || !this.#list) return;
    const href = (this.getAttribute("fragment") ?? `/recordings/${this.getAttribute("recording")}/notes/{id}`).replace("{id}", answer.id);
    this.#list.querySelector(`[data-waiting="${CSS.escape(key)}"]`)?.remove();
    say("Kept.");
    await placeNote(this.#list, href, answer);
    tell(this, "br:note-saved", { id: answer.id, state: answer.state });
    tell(document, "br:notes-changed");
  }

  #waits({ entry, problem }) {
    if (entry.path !== this.#address) return undefined;
    if (entry.seq === undefined) return this.#keepInBox({ body: NOT_HERE });
    if (this.#list) placeWaiting(this.#list, entry);
    if (entry.tries === 0) say(problem.status === 401 ? SIGNED_OUT : "The note is kept on this device, and sent when the line is back.");
    return tell(this, "br:note-saved", { id: entry.key, state: "waiting" });
  }

  /** Backrow said no: what can be mended stays in the box; what can't is kept beside, to copy. */
  async #refused({ entry, problem }) {
    if (entry.path !== this.#address) return;
    tell(this, "br:problem", { code: problem.code });
    if (problem.status === 422 && entry.key === this.#form.elements.key.value) {
      const known = Object.keys(problem.fields).some((name) => this.#form.elements[name]?.type !== "hidden");
      this.#keepInBox(known ? problem.fields : { body: problem.message });
      await drop(entry.seq);
    } else if (this.#list && entry.seq) {
      const why = problem.status === 404 ? CLOSED : problem.message;
      placeWaiting(this.#list, entry, why);
      say(why);
    } else this.#keepInBox({ body: problem.status === 404 ? CLOSED_HERE : problem.message });
  }

  /** The lesson has closed while its page is open: what may still be written, and what becomes of it. */
  async #closed() {
    const keeps = Boolean(await kept());
    const button = this.#form.querySelector(".button--main");
    button.textContent = "Keep it on this device";
    button.hidden = !keeps;
    this.#form.querySelector("#audience").textContent = keeps ? CLOSED_BOX : CLOSED_HERE;
  }

  #keepInBox(fields) {
    this.#form.elements.key.value = uuid7(); // nothing was kept under the old one
    this.#mend(fields);
  }

  #mend(fields) {
    const first = mend(this.#form, fields);
    if (first) say(first);
  }

  #clear() {
    this.#text.value = "";
    this.#forget();
  }

  /** Taken back letter by letter: the next first letter is a note of its own moment, unless a stretch was marked. */
  #emptied() {
    if (this.#text.value.trim() || this.#posting || this.#stamp.until_ms !== null || this.#stamp.chosen) return;
    this.#forget();
  }

  #forget() {
    this.#form.elements.key.value = "";
    this.#resume = false;
    this.#stamp.clear();
    sessionStorage.removeItem(this.#draftKey);
  }

  get #draftKey() {
    return `backrow.${personId()}.note.${this.getAttribute("recording")}`;
  }

  #saveDraft() {
    const note = this.#note();
    if (!note.body && !this.#stamp.set) return;
    this.#form.elements.key.value ||= uuid7(); // the key is the note's own id from its first letter on
    sessionStorage.setItem(this.#draftKey, JSON.stringify({ ...note, body: this.#text.value, key: this.#form.elements.key.value }));
  }

  async #restore() {
    const draft = JSON.parse(sessionStorage.getItem(this.#draftKey) ?? "null");
    if (draft && !this.#text.value) {
      for (const name of [...SENT, "key"]) if (this.#form.elements[name]) this.#form.elements[name].value = draft[name] ?? "";
    }
    this.#stamp.show();
    if (!this.#list) return;
    const here = (await waiting()).filter((entry) => entry.path === this.#address);
    for (const entry of here) placeWaiting(this.#list, entry);
    if (here.some(({ stuck }) => stuck)) drain({ stuckToo: true }); // refused once; but this page is open to its writer now
  }
}

const NOT_HERE = "The line is down, and this computer keeps nothing. Leave this page open, and post again when you're back online.";
const CLOSED_BOX = "This lesson is closed just now. A note is kept on this device, and sent when you can open the lesson again.";
const CLOSED_HERE = "This lesson is closed just now, and this computer keeps nothing: copy what you wrote.";
const SIGNED_OUT = "You're signed out. The note is kept on this device; sign in again, and it's sent.";

customElements.define("br-note-box", BrNoteBox);
