/**
 * `<br-blur-boxes><br-player …>…</br-player> <div data-part="acts"></div> <ol data-part="rows">…</ol></br-blur-boxes>`:
 * boxes drawn over the picture, moved and sized by pointer and by keys; what is drawn stands in the rows, which are sent.
 */
import { LEAST, Rows } from "br/blur-rows.js";
import { el, hear, say, svg } from "br/dom.js";

const STEP = 1;
const HANDLE = 3;
const SAME_MS = 40; // a picture's length: nearer than this is the same moment
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FIRST = { left: 40, top: 40, wide: 20, tall: 20 };

export class BrBlurBoxes extends HTMLElement {
  #gone;
  #rows;
  #player;
  #drawn = svg("svg", { class: "boxes", preserveAspectRatio: "xMidYMid meet", role: "group", "aria-label": "Boxes over the picture" });
  #chosen = null;
  #drag = null;
  #shown = "";

  async connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.#rows = new Rows(this.querySelector('[data-part="rows"]'));
    this.#player = this.querySelector("br-player");
    await customElements.whenDefined("br-player");
    const stage = this.querySelector(".player__stage");
    if (signal.aborted || !stage) return;
    stage.append(this.#drawn);
    this.#acts();
    const on = (target, name, act) => target.addEventListener(name, act, { signal });
    on(document, "br:time", () => this.draw());
    on(this.#video, "loadedmetadata", () => this.draw());
    on(this.#video, "seeked", () => this.draw());
    on(this, "input", () => this.draw());
    on(this.#drawn, "pointerdown", (event) => this.#grab(event));
    on(this.#drawn, "pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) on(this.#drawn, name, (event) => this.#drop(event));
    on(this.#drawn, "click", (event) => event.stopPropagation());
    on(this.#drawn, "keydown", (event) => this.#key(event));
    on(this.#drawn, "focusin", (event) => this.#focus(Number(event.target.dataset.box)));
    this.#player.seek(this.#rows.placings[0]?.at_ms ?? 0); // a picture to draw on
    this.draw();
  }

  disconnectedCallback() {
    this.#gone.abort();
    this.#drawn.remove();
  }

  get #video() {
    return this.querySelector("video");
  }

  get #at_ms() {
    return Math.round(this.#player.atMs ?? 0);
  }

  /** The picture's width where its height is 100. */
  get #wide() {
    const { videoWidth, videoHeight } = this.#video;
    return videoHeight ? (videoWidth / videoHeight) * 100 : (16 / 9) * 100;
  }

  /** Draw the boxes where they are at this moment. */
  draw() {
    const held = this.#drawn.contains(document.activeElement) ? document.activeElement.dataset.box : null;
    this.#drawn.setAttribute("viewBox", `0 0 ${this.#wide} 100`);
    const boxes = this.#rows.at(this.#at_ms);
    if (this.#drag?.place) boxes.splice(0, boxes.length, ...boxes.filter(({ box }) => box !== this.#drag.box), { box: this.#drag.box, ...this.#drag.place });
    const now = JSON.stringify([boxes, this.#chosen, this.#wide]);
    if (now === this.#shown) return; // the film tells its time often: whoever is on a box stays on it
    this.#shown = now;
    this.#drawn.replaceChildren(...boxes.sort((a, b) => a.box - b.box).flatMap((one) => this.#shapes(one)));
    if (held) this.#drawn.querySelector(`[data-box="${held}"]`)?.focus();
  }

  #shapes(one) {
    const share = this.#wide / 100;
    const [x, y, width, height] = [one.left * share, one.top, one.wide * share, one.tall];
    const chosen = one.box === this.#chosen;
    const label = `Box ${one.box}: left ${round(one.left)}, top ${round(one.top)}, width ${round(one.wide)}, height ${round(one.tall)}. Arrow keys move it, with Shift they size it.`;
    const box = svg("rect", { class: `boxes__box${chosen ? " boxes__box--chosen" : ""}`, x, y, width, height, tabindex: 0, role: "button", "aria-pressed": chosen ? "true" : "false", "aria-label": label, "data-box": one.box });
    const number = svg("text", { class: "boxes__number", x: x + 1.5, y: y + 6, "aria-hidden": "true" });
    number.append(String(one.box));
    const corner = svg("rect", { class: "boxes__corner", x: x + width - HANDLE, y: y + height - HANDLE, width: HANDLE * 1.5, height: HANDLE * 1.5, "data-corner": one.box, "aria-hidden": "true" });
    return [box, number, corner];
  }

  #acts() {
    const button = (words, act) => el("button", { type: "button", class: "button button--small", onclick: act }, words);
    this.querySelector('[data-part="acts"]').replaceChildren(
      button("Add a box", () => this.#add(FIRST)),
      button("Also here", () => this.#alsoHere()),
      button("Take this box away", () => this.#takeAway()),
    );
  }

  #add(place) {
    const box = this.#rows.free;
    if (box === null) return say("There are eight boxes. Take one away, or blur the whole picture.");
    this.#rows.add(box, this.#at_ms, place);
    document.getElementById("how").checked = true; // whoever draws a box wants it
    this.#choose(box);
    this.#drawn.querySelector(`[data-box="${box}"]`)?.focus();
    return hear(`Box ${box} added.`);
  }

  #alsoHere() {
    const place = this.#rows.at(this.#at_ms).find(({ box }) => box === this.#chosen);
    if (!place) return say("Choose a box first, or draw one.");
    if (!this.#here(this.#chosen)) this.#rows.add(this.#chosen, this.#at_ms, place);
    this.draw();
    return say(`Box ${this.#chosen} has a place at this moment. Move it to where it should be.`);
  }

  #takeAway() {
    if (this.#chosen === null) return say("Choose a box first.");
    this.#rows.clear(this.#chosen);
    say(`Box ${this.#chosen} is taken away.`);
    this.#choose(null);
    return undefined;
  }

  #focus(box) {
    if (box && box !== this.#chosen) this.#choose(box); // drawing puts the focus back where it was
  }

  #choose(box) {
    this.#chosen = box;
    this.draw();
  }

  #here(box) {
    return this.#rows.of(box).find((one) => Math.abs(one.at_ms - this.#at_ms) <= SAME_MS);
  }

  /** A box that stays is changed for the whole lesson; one that follows gets a place at this moment. */
  #put(box, place) {
    const places = this.#rows.of(box);
    const found = this.#here(box) ?? (places.length === 1 ? places[0] : null);
    if (found) this.#rows.set(found.row, place);
    else this.#rows.add(box, this.#at_ms, place);
    this.draw();
  }

  #point(event) {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.#drawn.getScreenCTM().inverse());
    return { x: clamp((x / this.#wide) * 100, 0, 100), y: clamp(y, 0, 100) };
  }

  #grab(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.#player.pause();
    this.#drawn.setPointerCapture(event.pointerId);
    const { box, corner } = event.target.dataset;
    const number = Number(box ?? corner);
    const from = this.#point(event);
    if (!number) this.#drag = { box: this.#rows.free, from, how: "draw" };
    else this.#drag = { box: number, from, how: corner ? "size" : "move", start: this.#rows.at(this.#at_ms).find((one) => one.box === number) };
    this.#choose(number || null);
  }

  #move(event) {
    if (!this.#drag) return;
    const { from, how, start } = this.#drag;
    const to = this.#point(event);
    const [by_x, by_y] = [to.x - from.x, to.y - from.y];
    if (how === "draw") this.#drag.place = { left: Math.min(from.x, to.x), top: Math.min(from.y, to.y), wide: Math.abs(by_x), tall: Math.abs(by_y) };
    else this.#drag.place = how === "move" ? moved(start, by_x, by_y) : sized(start, by_x, by_y);
    this.draw();
  }

  #drop(event) {
    const drag = this.#drag;
    this.#drag = null;
    if (!drag?.place || event.type === "pointercancel") return this.draw();
    if (drag.how !== "draw") return this.#put(drag.box, drag.place);
    if (drag.place.wide < LEAST || drag.place.tall < LEAST) return this.draw();
    return this.#add(drag.place);
  }

  #key(event) {
    const way = ARROWS[event.key];
    const box = Number(event.target.dataset.box);
    if (!box) return;
    if (event.key === "Delete") this.#takeAway();
    if (!way && event.key !== "Delete") return;
    event.preventDefault();
    event.stopPropagation();
    const place = this.#rows.at(this.#at_ms).find((one) => one.box === box);
    if (!way || !place) return;
    const [by_x, by_y] = way.map((step) => step * STEP);
    this.#put(box, event.shiftKey ? sized(place, by_x, by_y) : moved(place, by_x, by_y));
  }
}

function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

function round(value) {
  return Math.round(value);
}

function moved({ left, top, wide, tall }, by_x, by_y) {
  return { left: clamp(left + by_x, 0, 100 - wide), top: clamp(top + by_y, 0, 100 - tall), wide, tall };
}

function sized({ left, top, wide, tall }, by_x, by_y) {
  return { left, top, wide: clamp(wide + by_x, LEAST, 100 - left), tall: clamp(tall + by_y, LEAST, 100 - top) };
}

customElements.define("br-blur-boxes", BrBlurBoxes);
