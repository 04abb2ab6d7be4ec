/** Puts a note that was just kept into the list, where its moment belongs. */
import htmx from "htmx";
import { el } from "br/dom.js";
import { face } from "br/time.js";

/**
 * Fetch a note's fragment and put it in order of `at_ms`; htmx does it, since it knows the page's nonce.
 * @param {Element} list holds the notes: each child has `data-at-ms`
 * @param {string} address of the fragment
 * @param {{id: string, at_ms: number}} note
 */
export async function placeNote(list, address, note) {
  list.querySelector(`[data-waiting="${CSS.escape(note.id)}"]`)?.remove();
  if (document.getElementById(`note-${note.id}`)) return; // it is here already: the answer came twice
  const later = after(list, note.at_ms);
  const select = "[data-at-ms]"; // an error page in its place puts nothing in
  await htmx.ajax("GET", address, later ? { target: later, swap: "beforebegin", select } : { target: list, swap: "beforeend", select });
}

/**
 * Show a note that is still only on this device.
 * @param {Element} list
 * @param {{key: string, body: {at_ms: number, body: string}}} entry
 * @param {string} [why]
 */
export function placeWaiting(list, { key, body }, why = "Not sent yet: kept on this device.") {
  list.querySelector(`[data-waiting="${CSS.escape(key)}"]`)?.remove();
  const tag = /^[ou]l$/.test(list.localName) ? "li" : "article";
  const line = el(tag, { class: "note note--waiting", "data-waiting": key, "data-at-ms": body.at_ms },
    el("span", { class: "note__at" }, face(body.at_ms)), ` ${body.body} `, el("em", {}, why));
  list.insertBefore(line, after(list, body.at_ms));
}

/** The first child that stands for a later moment, or null. */
function after(list, at_ms) {
  return [...list.children].find((child) => momentOf(child) > at_ms) ?? null;
}

function momentOf(child) {
  return child.hasAttribute("data-at-ms") ? Number(child.dataset.atMs) : -1;
}
