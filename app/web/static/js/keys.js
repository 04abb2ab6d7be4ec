/**
 * Single keys, and `<br-keys>`: the button and dialog that list them and turn them off.
 * `<br-keys><dialog aria-labelledby="keys-title">…</dialog></br-keys>`: the list is the server's; `?` opens it.
 */
import { say } from "br/dom.js";
import { recall, remember } from "br/person.js";

const BY_PLACE = { BracketLeft: "[", BracketRight: "]", Backslash: "\\" };
const OPEN = "button[data-keys='open']";

/**
 * Call `acts[key]` for keys pressed outside fields, unless the person has turned single keys off.
 * Letters count without shift as small, with shift as capital, whatever caps lock says.
 * @param {Record<string, (event: KeyboardEvent) => void>} acts
 * @param {AbortSignal} signal
 */
export function onKeys(acts, signal) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (inField(event.target) || document.querySelector("dialog[open]") || recall("keys") === "off") return;
    const act = acts[nameOf(event, acts)];
    if (!act) return;
    event.preventDefault();
    act(event);
  }, { signal });
}

/**
 * True where typing means writing.
 * @param {EventTarget} target
 * @returns {boolean}
 */
export function inField(target) {
  return target instanceof Element && target.closest(
    "textarea, select, [contenteditable]:not([contenteditable='false']), input:not([type='radio'], [type='checkbox'], [type='button'], [type='submit'])",
  ) !== null;
}

function nameOf(event, acts) {
  const key = /^[a-z]$/i.test(event.key) ? event.key[event.shiftKey ? "toUpperCase" : "toLowerCase"]() : event.key;
  return key in acts ? key : BY_PLACE[event.code] ?? key; // layouts that need AltGr for brackets: go by the key's place
}

export class BrKeys extends HTMLElement {
  #gone;

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    onKeys({ "?": () => this.open() }, signal);
    document.addEventListener("br:keys", () => this.open(), { signal });
    document.addEventListener("click", (event) => event.target.closest?.(OPEN) && this.open(), { signal });
    for (const button of this.querySelectorAll(OPEN)) button.hidden = false; // it can do something now
    const off = this.querySelector("input[name='keys-off']");
    if (!off) return;
    off.checked = recall("keys") === "off";
    off.addEventListener("change", () => this.#turn(off.checked), { signal });
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  /** Show the list; the browser puts the focus in, and back where it was. */
  open() {
    const dialog = this.querySelector("dialog");
    if (dialog && !dialog.open) dialog.showModal();
  }

  #turn(off) {
    remember("keys", off ? "off" : "on");
    say(off ? "Single keys are off. Each is also a button or a field of the page." : "Single keys are on.");
  }
}

customElements.define("br-keys", BrKeys);
