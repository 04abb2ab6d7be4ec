/** The rows of the blur page: each is one place of one box at a moment, in hundredths of the picture. */
import { face, parse } from "br/time.js";

const SIDES = ["left", "top", "wide", "tall"];
const MOST_BOXES = 8;
/** A smaller box would hide nothing. */
export const LEAST = 2;

/** @typedef {{left: number, top: number, wide: number, tall: number}} Place */
/** @typedef {Place & {box: number, at_ms: number, row: HTMLElement}} Placing */

/** Reads and writes the rows, which are what is sent. */
export class Rows {
  #list;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
  }

  /** Every place that can be read, by box and moment. @returns {Placing[]} */
  get placings() {
    return [...this.#list.children].map(read).filter(Boolean).sort((a, b) => a.box - b.box || a.at_ms - b.at_ms);
  }

  /** The places of one box. @returns {Placing[]} */
  of(box) {
    return this.placings.filter((one) => one.box === box);
  }

  /** A number that no box has; null where there are enough of them. */
  get free() {
    const taken = new Set(this.placings.map((one) => one.box));
    for (let box = 1; box <= MOST_BOXES; box += 1) if (!taken.has(box)) return box;
    return null;
  }

  /** Where each box is at a moment: still before its first place and after its last, in a straight line between two. */
  at(at_ms) {
    const boxes = new Map();
    for (const one of this.placings) boxes.set(one.box, [...(boxes.get(one.box) ?? []), one]);
    return [...boxes].map(([box, places]) => ({ box, ...between(places, at_ms) }));
  }

  /** Give a box a place at a moment. */
  add(box, at_ms, place) {
    const row = [...this.#list.children].find(empty) ?? this.#another();
    fieldOf(row, "box").value = String(box);
    fieldOf(row, "at").value = exact(at_ms);
    this.set(row, place);
  }

  /** Change a place. @param {HTMLElement} row @param {Place} place */
  set(row, place) {
    for (const side of SIDES) fieldOf(row, side).value = String(Math.round(place[side] * 10) / 10);
  }

  /** Take all places of a box away. */
  clear(box) {
    for (const { row } of this.of(box)) for (const input of row.querySelectorAll("input")) input.value = "";
  }

  #another() {
    const row = this.#list.lastElementChild.cloneNode(true);
    const number = this.#list.children.length;
    for (const mend of row.querySelectorAll(".mend")) mend.remove();
    for (const one of row.querySelectorAll("[id], [for]")) {
      for (const name of ["id", "for"]) if (one.hasAttribute(name)) one.setAttribute(name, one.getAttribute(name).replace(/-\d+/, `-${number}`));
      for (const name of ["aria-describedby", "aria-invalid"]) one.removeAttribute(name);
    }
    for (const field of row.querySelectorAll(".field--mend")) field.classList.remove("field--mend");
    this.#list.append(row);
    return row;
  }
}

function fieldOf(row, name) {
  return row.querySelector(`input[name="${name}"]`);
}

function empty(row) {
  return SIDES.every((side) => fieldOf(row, side).value.trim() === "");
}

function read(row) {
  const at_ms = parse(fieldOf(row, "at").value || "0");
  const box = Number(fieldOf(row, "box").value);
  const place = Object.fromEntries(SIDES.map((side) => [side, Number.parseFloat(fieldOf(row, side).value.replace(",", "."))]));
  const clear = Number.isInteger(box) && box >= 1 && at_ms !== null && Object.values(place).every(Number.isFinite);
  return clear ? { box, at_ms, row, ...place } : null;
}

/** As long as the widest and as high as the highest place: the server lays over it just that. */
function between(places, at_ms) {
  const after = places.findIndex((one) => one.at_ms > at_ms);
  const [a, b] = after === 0 ? [places[0], places[0]] : after < 0 ? [places.at(-1), places.at(-1)] : [places[after - 1], places[after]];
  const share = b.at_ms > a.at_ms ? (at_ms - a.at_ms) / (b.at_ms - a.at_ms) : 0;
  const [wide, tall] = ["wide", "tall"].map((side) => Math.max(...places.map((one) => one[side])));
  const middle = (start, length) => (1 - share) * (a[start] + a[length] / 2) + share * (b[start] + b[length] / 2);
  return {
    left: Math.min(Math.max(middle("left", "wide") - wide / 2, 0), 100 - wide),
    top: Math.min(Math.max(middle("top", "tall") - tall / 2, 0), 100 - tall),
    wide,
    tall,
  };
}

function exact(at_ms) {
  const rest = String(Math.round(at_ms) % 1000).padStart(3, "0").replace(/0+$/, "");
  return rest ? `${face(at_ms)}.${rest}` : face(at_ms);
}
