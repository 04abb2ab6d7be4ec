/**
 * `<br-uploader create="/api/v1/uploads" cycle="c1" max-bytes="…" status-href="/recordings/{id}/status"><form …>…</form></br-uploader>`:
 * sends the film of a lesson in parts, and carries on after a dropped line or a reload. Without it the form posts the file.
 */
import { Refusal, ask } from "br/api.js";
import { CannotCut } from "br/cutting.js";
import { el, numberOf, say, tell } from "br/dom.js";
import { fingerprint } from "br/fingerprint.js";
import { kept } from "br/kept.js";
import { mend } from "br/mend.js";
import { personId } from "br/person.js";
import { wipe } from "br/private-file.js";
import { SmallChoice } from "br/small-choice.js";
import { SENDABLE, Upload } from "br/upload.js";
import { UploadPanel } from "br/upload-panel.js";
import { size } from "br/upload-words.js";

const TEXTS = ["recorded_on", "class_code", "delete_on"];

export class BrUploader extends HTMLElement {
  #gone;
  #form;
  #input;
  #notice = el("p", { class: "notice", hidden: true });
  #panel = null;
  #upload = null;
  #book = null;
  #run = null; // AbortController of what runs now; null while paused
  #before = null; // what this device remembers of an upload begun earlier
  #wish = null;
  #sent_bytes = 0;
  #trimmer = null; // <br-trim> of the file chosen now
  #small = new SmallChoice();
  #private = []; // names of private files that hold what was made here, until it is sent
  #queue = []; // what is to be sent: a small copy, where one was wished for, then the film

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.#form = this.querySelector("form");
    this.#input = this.#form.querySelector("input[type='file']");
    this.#form.before(this.#notice);
    this.#form.addEventListener("submit", (event) => { event.preventDefault(); this.#start(); }, { signal });
    this.#input.addEventListener("change", () => this.#offerTrim(), { signal });
    wipe(); // what a page that was closed had cut
    this.#remind();
  }

  disconnectedCallback() {
    this.#gone.abort();
    this.#run?.abort();
    this.#wipe();
  }

  get #resumeKey() {
    return `${personId()}:${this.getAttribute("resume-key") ?? `cycle:${this.getAttribute("cycle")}`}`;
  }

  async #remind() {
    this.#before = (await kept().then((db) => db?.get("uploads", this.#resumeKey))) ?? null;
    if (!this.#before) return;
    const { name, size_bytes } = this.#before;
    const sent_bytes = await this.#arrived();
    if (sent_bytes === null) return;
    const percent = Math.floor((sent_bytes / size_bytes) * 100);
    this.#notify(`You were sending ${name}. Choose it again and we carry on from ${percent} %.`);
  }

  /** How much is there of the upload begun earlier: the storage knows; this device only where the line is down. */
  async #arrived() {
    const { upload_id, sent_bytes } = this.#before;
    try {
      const book = await ask("GET", `${this.getAttribute("create")}/${upload_id}`, { signal: this.#gone.signal });
      if (SENDABLE.has(book.state)) return book.received.reduce((sum, part) => sum + part.size_bytes, 0);
    } catch (problem) {
      if (!(problem instanceof Refusal) || problem.status >= 500 || problem.status === 401) return sent_bytes;
      if (problem.status === 410) this.#notify(problem.message);
    }
    await this.#forget(); // it has arrived, or is no longer there
    return null;
  }

  /** Show the film that was chosen, to be cut; one that was being sent has its stretch still. */
  async #offerTrim() {
    const [file] = this.#input.files;
    this.#trimmer?.remove();
    this.#trimmer = null;
    if (!file) return;
    await import("br/trim.js");
    if (file !== this.#input.files[0]) return;
    const before = this.#before?.name === file.name ? this.#before.trim : null;
    this.#trimmer = el("br-trim", { "in-ms": before?.in_ms, "out-ms": before?.out_ms });
    (this.#input.closest(".field") ?? this.#input).after(this.#trimmer);
    this.#trimmer.show(file);
    this.#small.offer(this.#trimmer);
  }

  async #start() {
    const [file] = this.#input.files;
    const trim = this.#trimmer?.trim ?? null;
    const cutter = trim ? await this.#trimmer.cutter : null;
    const refused = this.#refusal(file, { whole: !cutter });
    mend(this.#form, refused ? { [this.#input.name]: refused } : {});
    if (refused) return say(refused);
    this.#hide(true);
    this.#notify(`Looking at ${file.name}, ${size(file.size)}.`);
    this.#run = new AbortController();
    return this.#attempt(async () => {
      const print = await fingerprint(file);
      const sent = cutter ? await this.#cutHere(cutter, trim) : file;
      const said = { print, trim: trim && { ...trim, cut_in_browser: Boolean(cutter) } };
      const small = trim && !cutter ? null : await this.#makeSmall(sent); // the two must begin with the same picture
      this.#queue = [...(small ? [{ file: small, name: `a small copy of ${file.name}`, wish: this.#describe(file, small, { ...said, kind: "small_copy" }) }] : []),
        { file: sent, name: file.name, wish: this.#describe(file, sent, said) }];
      this.#wish = this.#queue.at(-1).wish;
      this.#warnOfAnother(file);
      return this.#work();
    });
  }

  /** Send what is to be sent, one after the other; begun before, it carries on. */
  async #work() {
    for (;;) {
      const [now] = this.#queue;
      this.#wish = now.wish;
      this.#upload = new Upload(now.file, this.getAttribute("create"), (state, sent_bytes) => this.#show(state, sent_bytes));
      if (!now.panel) {
        this.#panel?.root.remove();
        this.#panel = now.panel = new UploadPanel(now.name, now.file.size, { pause: () => this.#pause(), cancel: () => this.#cancel() });
        this.#form.after(this.#panel.root);
      }
      const done = await this.#sent(now);
      if (this.#queue.length === 1) return done;
      this.#queue.shift();
      if (done) this.#notify("The small copy is here, and can be watched on your lessons’ page. The full film follows; you can close this page and send it later.");
    }
  }

  /** @returns {Promise<object | null>} null for a small copy that isn't wanted: there is one already */
  async #sent({ wish }) {
    try {
      this.#book = await this.#upload.begin(wish, this.#run.signal);
    } catch (problem) {
      if (problem.code === "not_open" && wish.kind === "small_copy") return null;
      throw problem;
    }
    await this.#remember(0);
    return this.#upload.run(this.#book, this.#run.signal);
  }

  async #makeSmall(film) {
    const progress = (share) => this.#notify(`Making the small copy: ${Math.floor(share * 100)} %.`);
    const small = await this.#small.make(film, { progress, signal: this.#run.signal });
    if (small) this.#private.push(small.name);
    return small;
  }

  /** Cut the film here; nothing of the rest is ever sent without its teacher's having read that it is. */
  async #cutHere(cutter, trim) {
    const progress = (share) => this.#notify(`Cutting the film: ${Math.floor(share * 100)} %.`);
    let cut;
    try {
      cut = await cutter.cut(trim, { progress, signal: this.#run.signal });
    } catch (problem) {
      if (problem instanceof CannotCut) this.#trimmer.cutOnArrival();
      throw problem instanceof CannotCut ? new Error(`${problem.message} Press Start sending again, and Backrow cuts it on arrival.`) : problem;
    }
    this.#private.push(cut.name);
    const refused = this.#refusal(cut, { whole: true });
    if (refused) throw new Error(refused);
    return cut;
  }

  #refusal(file, { whole }) {
    const most = numberOf(this, "max-bytes");
    if (!file) return "Choose the film of the lesson first.";
    if (!file.size) return "This file is empty. Choose the recording again.";
    if (whole && most && file.size > most) return `This is ${size(file.size)} and your alliance takes ${size(most)}. Trim it first; ten minutes is plenty.`;
    return null;
  }

  #describe(file, sent, { print, trim, kind = "source" }) {
    const wish = {
      cycle_id: this.getAttribute("cycle"), recording_id: this.getAttribute("recording") || null, kind,
      name: file.name, size_bytes: sent.size, mime: sent.type || "application/octet-stream", fingerprint: print, trim,
    };
    for (const name of TEXTS) wish[name] = textOf(this.#form, name);
    return wish;
  }

  #warnOfAnother(file) {
    if (!this.#before || this.#before.fingerprint === this.#wish.fingerprint) return this.#notify("");
    const same = this.#before.name === file.name ? `This ${file.name} isn't the file you were sending: its inside differs` : `This isn't ${this.#before.name}`;
    return this.#notify(`${same}, so it starts from the beginning. What you sent of the other is kept for 7 days.`);
  }

  async #attempt(act) {
    try {
      const done = await act();
      this.#show("sent", this.#wish.size_bytes);
      this.#book = null; // nothing is remembered from here on
      await this.#forget();
      await this.#wipe();
      say("All of it is here.");
      location.assign(this.getAttribute("status-href").replace("{id}", done.recording_id));
    } catch (problem) {
      if (problem.name !== "AbortError") this.#stuck(problem);
    }
  }

  #show(state, sent_bytes) {
    this.#sent_bytes = sent_bytes;
    this.#panel?.show(this.#run?.signal.aborted ? "paused" : state, sent_bytes);
    if (this.#upload.arrived_bytes !== this.#before?.sent_bytes) this.#remember(this.#upload.arrived_bytes);
    tell(this, "br:upload", { state, sent_bytes, total_bytes: this.#wish?.size_bytes ?? 0, code: null });
  }

  /** Backrow said no, or the file can't be read any more: say it where it can be mended. */
  async #stuck(problem) {
    const again = problem instanceof Refusal && [404, 409, 410].includes(problem.status);
    if (again) await this.#forget();
    await this.#wipe();
    this.#panel?.root.remove();
    this.#panel = null;
    this.#hide(false);
    const unreadable = problem instanceof DOMException;
    const sentence = unreadable ? "We can't read that file any more: it was moved or changed. Choose it again." : problem.message;
    this.#notify("");
    mend(this.#form, this.#placed(problem.fields ?? {}, sentence));
    say(sentence);
    tell(this, "br:upload", { state: "stopped", sent_bytes: this.#sent_bytes, total_bytes: this.#wish?.size_bytes ?? 0, code: problem.code ?? problem.name });
  }

  /** Sentences for fields that the page has; all others stand at the film. */
  #placed(fields, sentence) {
    const here = Object.entries(fields).filter(([name]) => this.#form.elements[name] ?? this.#form.elements[`${name}-day`]);
    return here.length ? Object.fromEntries(here) : { [this.#input.name]: Object.values(fields)[0] ?? sentence };
  }

  #pause() {
    if (!this.#run.signal.aborted) {
      this.#run.abort();
      return this.#show("paused", this.#upload.arrived_bytes); // what was on its way is sent again
    }
    this.#run = new AbortController();
    return this.#attempt(() => this.#work()); // the same wish resumes, and says what has arrived
  }

  async #cancel() {
    this.#run.abort();
    await this.#forget();
    await this.#wipe();
    if (this.#book) await this.#upload.cancel(this.#book.upload_id).catch(() => say("What was sent is erased after 7 days at the latest."));
    this.#panel.root.remove();
    this.#panel = this.#book = null;
    this.#hide(false);
    this.#notify("Stopped. What was sent is taken back.");
    say("Stopped. What was sent is taken back.");
  }

  async #wipe() {
    for (const name of this.#private.splice(0)) await wipe(name);
  }

  #hide(sending) {
    this.#form.hidden = sending;
    if (sending) this.#trimmer?.pause();
  }

  #notify(sentence) {
    this.#notice.textContent = sentence;
    this.#notice.hidden = !sentence;
  }

  async #remember(sent_bytes) {
    if (!this.#book || this.#wish.kind !== "source") return;
    const { upload_id, recording_id } = this.#book;
    const { name, size_bytes, fingerprint: print, trim } = this.#wish;
    this.#before = { resume_key: this.#resumeKey, upload_id, recording_id, name, size_bytes, fingerprint: print, trim, sent_bytes, at: Date.now() };
    await kept().then((db) => db?.put("uploads", this.#before)).catch(() => {}); // a full disk here doesn't stop the sending
  }

  async #forget() {
    this.#before = null;
    await kept().then((db) => db?.delete("uploads", this.#resumeKey));
  }
}

/** A field's text, or a date from its three fields. */
function textOf(form, name) {
  const whole = form.elements[name]?.value;
  if (whole) return whole;
  const [day, month, year] = ["day", "month", "year"].map((part) => form.elements[`${name}-${part}`]?.value.trim());
  return day && month && year ? `${year.padStart(4, "20")}-${month.padStart(2, "0")}-${day.padStart(2, "0")}` : null;
}

customElements.define("br-uploader", BrUploader);
