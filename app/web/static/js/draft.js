/**
 * `<br-draft key="briefing:c1"><form …>…</form></br-draft>`: keeps what is typed into a form on this device until it has been sent.
 * Never on a shared computer; never passwords or files; gone when the server's answer carries `data-draft-sent="KEY"`.
 */
import { say, tell } from "br/dom.js";
import { kept } from "br/kept.js";
import { personId } from "br/person.js";

const AFTER_MS = 400;
const KEEP_DAYS = 30;
const NEVER = new Set(["password", "file", "hidden", "submit", "button"]);

export class BrDraft extends HTMLElement {
  #gone;
  #timer;
  #said = false;

  async connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
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
    const values = this.#fields.map((field) => [field.name, field.type, /radio|checkbox/.test(field.type) ? [field.value, field.checked] : field.value]);
    await kept().then((db) => db?.put("drafts", { key: this.#key, values, at: Date.now() }));
    if (!this.#said) say("Kept on this device.");
    this.#said = true;
    tell(this, "br:draft");
  }

  get #fields() {
    const form = this.querySelector("form");
    return [...(form?.elements ?? [])].filter((field) => field.name && "value" in field && !NEVER.has(field.type));
  }

  /** What arrived is no longer a draft: the page that follows says so. */
  async #tidy() {
    const db = await kept();
    for (const sent of document.querySelectorAll("[data-draft-sent]")) await db.delete("drafts", `${personId()}:${sent.dataset.draftSent}`);
    const old = Date.now() - KEEP_DAYS * 86_400_000;
    for (const draft of await db.getAll("drafts")) if (draft.at < old) await db.delete("drafts", draft.key);
  }

  async #restore() {
    const draft = await (await kept()).get("drafts", this.#key);
    if (!draft) return;
    let changed = false;
    for (const [name, type, value] of draft.values) {
      const picks = /radio|checkbox/.test(type);
      const field = this.#fields.find((one) => one.name === name && (!picks || one.value === value[0]));
      if (!field) continue;
      changed ||= picks ? field.checked !== value[1] : field.value !== value;
      if (picks) [, field.checked] = value;
      else field.value = value;
    }
    if (changed) say("What you had typed is back: it was kept on this device.");
  }
}

customElements.define("br-draft", BrDraft);
