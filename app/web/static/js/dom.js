/** Small helpers for building and reading the page. Text always goes in as text, never as markup. */

const STAYS_MS = 12_000; // long enough to read twice; then it no longer lies over the page
const SVG = "http://www.w3.org/2000/svg";

/**
 * Build an element.
 * @param {string} tag
 * @param {Record<string, unknown>} [props] attributes; a boolean sets or leaves out, `onclick` and the like listen
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  dress(made, props);
  made.append(...children);
  return made;
}

/**
 * Build an SVG element; its geometry is attributes, which the content security policy allows.
 * @param {string} tag
 * @param {Record<string, unknown>} [props]
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function svg(tag, props = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  dress(made, props);
  made.append(...children);
  return made;
}

function dress(made, props) {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
}

/**
 * Put one line where screen readers hear it, and everybody sees it: the page's own status region.
 * @param {string} sentence
 */
export function say(sentence) {
  put(sentence, false);
}

/**
 * Put one line where screen readers hear it, and nobody sees it: for what the page shows in its own place.
 * @param {string} sentence
 */
export function hear(sentence) {
  put(sentence, true);
}

function put(sentence, heardOnly) {
  const region = document.getElementById("status");
  if (!region) return;
  region.classList.toggle("status--heard", heardOnly);
  if (region.textContent === sentence) region.textContent = ""; // the same words twice are said twice
  region.textContent = sentence;
  clearTimeout(region.fading);
  region.fading = setTimeout(() => { if (region.textContent === sentence) region.textContent = ""; }, STAYS_MS);
}

/**
 * Send a bubbling `br:` event.
 * @param {EventTarget} from
 * @param {string} name
 * @param {object} [detail]
 * @returns {boolean} true when somebody took it (called preventDefault)
 */
export function tell(from, name, detail = {}) {
  return !from.dispatchEvent(new CustomEvent(name, { bubbles: true, cancelable: true, detail }));
}

/**
 * A number from an attribute, or null where it is absent or empty.
 * @param {Element} from
 * @param {string} name
 * @returns {number | null}
 */
export function numberOf(from, name) {
  const text = from.getAttribute(name);
  return text === null || text === "" || Number.isNaN(Number(text)) ? null : Number(text);
}
