/**
 * `<br-draft key="briefing:c1"><form …>…</form></br-draft>`: keeps what is typed into a form on this device until it has been sent.
 * Never on a shared computer; never passwords or files. What the server holds meanwhile is not overwritten: then it only offers.
 */
import { el, say, tell } from "br/dom.js";
import { kept } from "br/kept.js";
import { personId } from "br/person.js";

const AFTER_MS = 400;
const KEEP_DAYS = 30;
const NEVER = new Set(["password", "file", "hidden", "submit", "button"]);

export class BrDraft extends HTMLElement {
  #gone;
  #timer;
  #said = false;
  #base; // what the server rendered

  async connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.#base = this.#values();
    if (!(await kept()) || signal.aborted) return;
    this.addEventListener("input", () => this.#later(), { signal });
    this.addEventListener("submit", () => this.#save(), { signal });
    addEventListener("pagehide", () => this.#timer && this.#save(), { signal });
    await this.#tidy();
    await this.#restore();
  }

  disconnectedCallback() {
    this.#gone.abort();
    clearTimeout(this.#timer);
  }

  get #key() {
    return `${personId()}:${this.getAttribute("key")}`;
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), AFTER_MS);
  }

  async #save() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const draft = { key: this.#key, base: this.#base, values: this.#values(), at: Date.now() };
    await kept().then((db) => db?.put("drafts", draft));
    if (!this.#said) say("Kept on this device.");
    this.#said = true;
    tell(this, "br:draft");
  }

  /** The form's words and picks, in order. */
  #values() {
    return this.#fields.map((field) => (picks(field) ? [field.name, field.value, field.checked] : [field.name, field.value]));
  }

  get #fields() {
    const form = this.querySelector("form");
    return [...(form?.elements ?? [])].filter((field) => field.name && "value" in field && !NEVER.has(field.type));
  }

  async #tidy() {
    const db = await kept();
    const old = Date.now() - KEEP_DAYS * 86_400_000;
    for (const draft of await db.getAll("drafts")) if (draft.at < old) await db.delete("drafts", draft.key);
  }

  async #restore() {
    const db = await kept();
    const draft = await db.get("drafts", this.#key);
    if (!draft) return;
    if (same(draft.values, this.#base)) {
      // It has arrived, unless the page shows it again to be mended.
      if (!document.querySelector(".error-summary")) await db.delete("drafts", this.#key);
    } else if (same(draft.base, this.#base)) this.#putBack(draft.values);
    else this.#offer(draft.values);
  }

  #putBack(values) {
    for (const [name, value, checked] of values) {
      const field = this.#fields.find((one) => one.name === name && (!picks(one) || one.value === value));
      if (field && picks(field)) field.checked = checked;
      else if (field) field.value = value;
    }
    say("What you had typed is back: it was kept on this device.");
  }

  /** Somebody, perhaps the same person elsewhere, has saved another text since: both stay until a choice is made. */
  #offer(values) {
    const line = el("div", { class: "notice" }, el("p", {}, "You typed something else here before this was last saved. It's kept on this device."));
    const button = (words, act) => el("button", { type: "button", class: "button", onclick: () => { line.remove(); act(); } }, words);
    line.append(button("Put back what I typed", () => this.#putBack(values)), " ", button("Leave it as it is", () => this.#forget()));
    this.prepend(line);
  }

  #forget() {
    return kept().then((db) => db?.delete("drafts", this.#key));
  }
}

function picks(field) {
  return field.type === "radio" || field.type === "checkbox";
}

function same(some, others) {
  return JSON.stringify(some) === JSON.stringify(others);
}

customElements.define("br-draft", BrDraft);
