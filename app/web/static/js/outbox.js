/** `<br-outbox><a href="/me/notes#waiting" hidden></a></br-outbox>`: says how many notes wait on this device, and sends them when it can. */
import { el, say, tell } from "br/dom.js";
import { CLOSED, drain, drop, lineIsBack, waiting } from "br/outbox-store.js";
import { face } from "br/time.js";

export class BrOutbox extends HTMLElement {
  #gone;
  #list = el("ul", { class: "outbox" });
  #before = 0;

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.append(this.#list);
    addEventListener("online", () => lineIsBack(), { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && drain(), { signal });
    for (const name of ["br:outbox-changed", "br:outbox-waiting", "br:outbox-refused"]) {
      document.addEventListener(name, () => this.#show(), { signal });
    }
    this.#show();
    drain();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  async #show() {
    const entries = await waiting();
    this.hidden = entries.length === 0;
    this.#list.replaceChildren(...entries.map((entry) => this.#line(entry)));
    if (entries.length !== this.#before) say(sentence(entries.length));
    this.#before = entries.length;
    tell(this, "br:outbox", { waiting: entries.length, conflicts: entries.filter((entry) => entry.stuck).length });
  }

  #line(entry) {
    const { body, stuck } = entry;
    const button = (words, act) => el("button", { type: "button", class: "button", onclick: act }, words);
    const copy = button("Copy the text", () => navigator.clipboard?.writeText(body.body ?? "").then(() => say("Copied.")));
    const acts = stuck ? [copy, button("Try again", () => drain({ stuckToo: true, anew: true })), button("Throw away", () => drop(entry.seq))] : [button("Send now", () => drain({ anew: true }))];
    const why = stuck ? WHY[stuck] ?? "Backrow didn't take it. The text is kept here." : "Not sent yet: kept on this device.";
    return el("li", { class: "outbox__entry" }, el("span", { class: "outbox__at" }, face(body.at_ms ?? 0)), ` ${body.body ?? ""} `, el("em", {}, why), " ", ...acts);
  }
}

const WHY = {
  404: CLOSED,
  not_found: CLOSED,
};

function sentence(count) {
  if (!count) return "Everything is sent.";
  return count === 1 ? "1 note waits on this device to be sent." : `${count} notes wait on this device to be sent.`;
}

customElements.define("br-outbox", BrOutbox);
