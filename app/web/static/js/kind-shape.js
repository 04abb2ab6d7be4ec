/** The shapes of note kinds: colour is never alone. */
import { svg } from "br/dom.js";

const PATHS = {
  evidence: "M-5-5h10v10h-10z",
  question: "M0-6.5 6.5 0 0 6.5-6.5 0z",
  took_away: "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0z",
  try: "M0-6 6 5h-12z",
  wondering: "M-3-5.5h6l3 5.5-3 5.5h-6l-3-5.5z",
  own: "M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",
};

/**
 * A kind's shape, its middle at x, y.
 * @param {string} kind
 * @param {number} x
 * @param {number} y
 * @returns {SVGElement}
 */
export function kindShape(kind, x, y) {
  const open = kind === "wondering" ? { fill: "none", stroke: "currentColor", "stroke-width": 2 } : { fill: "currentColor" };
  return svg("path", { d: PATHS[kind] ?? PATHS.own, transform: `translate(${x.toFixed(1)} ${y})`, ...open });
}
