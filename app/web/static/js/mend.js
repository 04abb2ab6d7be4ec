/** Says at a field what is to be mended there, in the same place where the server would say it. */
import { el } from "br/dom.js";

/**
 * Show these sentences, and take away those of before.
 * @param {HTMLFormElement} form
 * @param {Record<string, string>} fields sentences by field name
 * @returns {string | null} the first one, for the status line
 */
export function mend(form, fields) {
  for (const old of form.querySelectorAll(".mend[data-live]")) unsay(form, old);
  for (const [name, sentence] of Object.entries(fields)) {
    const named = form.elements[name] ?? form.elements[`${name}-day`];
    const field = named instanceof RadioNodeList ? named[0] : named;
    if (field) sayAt(field, name, sentence);
  }
  return Object.values(fields)[0] ?? null;
}

function sayAt(field, name, sentence) {
  const id = `${field.id || name}-mend-live`;
  const line = el("p", { class: "mend", id, "data-live": name }, sentence);
  const place = field.closest("fieldset") ?? field;
  if (place === field) field.before(line);
  else place.querySelector("legend")?.after(line);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${id}`.trim());
}

function unsay(form, line) {
  for (const field of form.querySelectorAll(`[aria-describedby~="${CSS.escape(line.id)}"]`)) {
    field.removeAttribute("aria-invalid");
    const left = field.getAttribute("aria-describedby").split(/\s+/).filter((id) => id !== line.id).join(" ");
    if (left) field.setAttribute("aria-describedby", left);
    else field.removeAttribute("aria-describedby");
  }
  line.remove();
}
