/** The player's toolbar and choices. Every button's name says what pressing it does now. */
import { el, svg, tell } from "br/dom.js";
import { makeToolbar } from "br/toolbar.js";
import { exactFace, face } from "br/time.js";

const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2];

/** Builds the controls and shows the player's state in them. */
export class Controls {
  #time = el("span", { class: "player__clock" });
  #play;
  #mute;
  #fill;
  #loop;
  #rate;
  #quality;

  /**
   * @param {import("br/player.js").BrPlayer} player
   * @param {AbortSignal} signal
   */
  constructor(player, signal) {
    // Pressed by mouse or finger, a button gives the focus back to the player, so that arrows seek; by key it keeps it.
    const pressed = (act) => ({ detail }) => { act(); if (detail > 0) player.focus({ preventScroll: true }); };
    const button = (name, words, act) => el("button", { type: "button", class: `player__button player__button--${name}`, onclick: pressed(act) }, words);
    player.tabIndex = -1;
    this.#play = button("play", "Play", () => player.toggle());
    this.#mute = button("mute", "Mute", () => player.mute());
    this.#fill = button("fill", "Fill the window", () => player.fillWindow());
    this.#loop = button("loop", "Loop", () => player.loop());
    // What is pressed now and then: on a phone the film stays in sight with these buttons, and one row is all they may take.
    const [kept, folded] = matchMedia("(max-width: 40rem)").matches ? [[], captions(button, player)] : [captions(button, player), []];
    const more = el("div", { class: "player__more", hidden: true }, ...folded,
      this.#fill, button("frame-back", "Frame back", () => player.step(-1)), button("frame-on", "Frame on", () => player.step(1)), this.#loop, ...pictureInPicture(button, player), button("keys", "Keys", () => tell(player, "br:keys")));
    const opens = button("more", "More", () => opens.setAttribute("aria-expanded", String(!(more.hidden = !more.hidden))));
    opens.setAttribute("aria-expanded", "false");
    const bar = el("div", { class: "player__bar" }, this.#play,
      button("back", "Back 10 s", () => player.skip(-10_000)), button("on", "On 10 s", () => player.skip(10_000)),
      this.#mute, ...kept, opens, more);
    makeToolbar(bar, "Playing", signal);
    this.#rate = choice("Speed", RATES.map((rate) => [String(rate), `${rate}×`]), (value) => player.chooseRate(Number(value)));
    this.#quality = choice("Picture", [["", "Auto"]], (value) => player.setQuality(value ? Number(value) : null));
    this.root = el("div", { class: "player__controls" }, bar, this.#time, this.#rate.label, this.#quality.label);
  }

  /** @param {{at_ms: number, out_ms: number, exact: boolean}} place */
  showTime({ at_ms, out_ms, exact }) {
    this.#time.dataset.widest = `${exactFace(out_ms)} / ${face(out_ms)}`; // its room is kept, so that nothing beside it moves
    this.#time.textContent = `${exact ? exactFace(at_ms) : face(at_ms)} / ${face(out_ms)}`;
  }

  /** @param {{playing: boolean, muted: boolean, rate: number, filled: boolean, loops: boolean}} state */
  showState({ playing, muted, rate, filled, loops }) {
    this.#play.replaceChildren(glyph(playing), playing ? "Pause" : "Play");
    this.#mute.textContent = muted ? "Sound on" : "Mute";
    this.#fill.textContent = filled ? "Back to the page" : "Fill the window";
    this.#loop.setAttribute("aria-pressed", String(loops));
    this.#rate.select.value = String(rate);
  }

  /** @param {boolean} shown */
  showCaptions(shown) {
    this.root.querySelector(".player__button--captions")?.setAttribute("aria-pressed", String(shown));
  }

  /** @param {number[]} heights */
  showQualities(heights) {
    const { select } = this.#quality;
    const chosen = select.value;
    select.replaceChildren(option("", "Auto"), ...heights.map((height) => option(String(height), `${height}p`)));
    select.value = heights.map(String).includes(chosen) ? chosen : "";
    this.#quality.label.hidden = heights.length < 2;
  }

  /** @param {number | null} height */
  pinQuality(height) {
    this.#quality.select.value = height === null ? "" : String(height);
  }
}

function captions(button, player) {
  return player.querySelector("track") ? [button("captions", "Captions", () => player.captions())] : [];
}

function pictureInPicture(button, player) {
  return document.pictureInPictureEnabled ? [button("picture", "Picture in picture", () => player.pictureInPicture())] : [];
}

function option(value, words) {
  return el("option", { value }, words);
}

function choice(words, options, act) {
  const select = el("select", { class: "player__select", onchange: () => act(select.value) }, ...options.map((pair) => option(...pair)));
  return { select, label: el("label", { class: "player__choice" }, `${words} `, select) };
}

function glyph(playing) {
  const shape = playing ? "M2 1h4v12H2zM8 1h4v12H8z" : "M2 1l11 6-11 6z";
  return svg("svg", { "aria-hidden": "true", focusable: "false", width: 14, height: 14, viewBox: "0 0 14 14", class: "player__glyph" },
    svg("path", { d: shape, fill: "currentColor" }));
}
