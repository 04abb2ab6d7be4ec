/** The player's page: stage, slider, controls, notice, and the blank that takes the picture's place. */
import { el, say } from "br/dom.js";
import { Captions } from "br/player-captions.js";
import { Controls } from "br/player-controls.js";
import { Notice } from "br/player-notice.js";
import { Scrubber } from "br/player-scrubber.js";

const ENDED = "This lesson can't be watched just now: its teacher has paused it, or the sharing has ended. Your notes are safe.";
const SIGNED_OUT = "You're signed out on this device. Sign in again to go on watching. Your notes are kept.";

/** Puts the player's parts round the `<video>` that the server rendered, and takes them away again. */
export class PlayerView {
  #host;
  #video;
  #stage;
  #scrubber;

  /**
   * @param {import("br/player.js").BrPlayer} host
   * @param {HTMLVideoElement} video
   * @param {AbortSignal} signal
   */
  constructor(host, video, signal) {
    this.#host = host;
    this.#video = video;
    this.controls = new Controls(host, signal);
    this.notice = new Notice();
    this.captions = new Captions(host, video, (shown) => this.controls.showCaptions(shown), signal);
    this.#scrubber = new Scrubber(host, (at_ms) => host.seek(at_ms), signal);
    this.#stage = el("div", { class: "player__stage", tabindex: -1 });
    this.#build();
  }

  #build() {
    const [host, video] = [this.#host, this.#video];
    host.setAttribute("role", "region");
    if (!host.hasAttribute("aria-label")) host.setAttribute("aria-label", "Lesson player");
    for (const source of video.querySelectorAll("source")) source.remove();
    video.controls = false;
    video.tabIndex = -1;
    video.replaceWith(this.#stage);
    this.#stage.append(video);
    this.#stage.after(this.notice.root, this.#scrubber.root, this.controls.root);
  }

  /** @param {import("br/player-scrubber.js").Place & {exact: boolean, playing: boolean, rate: number, muted: boolean, loops: boolean}} state */
  show(state) {
    const filled = document.body.hasAttribute("data-fills-window");
    this.#scrubber.show(state);
    this.controls.showTime(state);
    this.controls.showState({ ...state, filled });
  }

  /** Take the picture away and say why. @param {number} status */
  blank(status) {
    const video = this.#video;
    video.removeAttribute("poster");
    video.removeAttribute("src");
    video.load();
    video.remove();
    const signedOut = status === 401;
    const host = this.#host;
    const sentence = signedOut ? SIGNED_OUT : host.getAttribute("ended-sentence") ?? ENDED;
    const href = signedOut ? "/sign-in" : host.getAttribute("ended-href") ?? "/";
    const words = signedOut ? "Sign in" : host.getAttribute("ended-link") ?? "What's next for you";
    this.#stage.replaceChildren(el("div", { class: "player__blank" }, el("p", {}, sentence), el("p", {}, el("a", { href }, words))));
    for (const part of [this.notice.root, this.#scrubber.root, this.controls.root]) part.remove();
    if (!signedOut) document.getElementById(host.getAttribute("why") ?? "")?.remove(); // "You can watch this because…" holds no more
    say(sentence);
  }

  /** Leave what the server rendered, so that the browser's own controls work again. */
  takeDown() {
    this.#video.controls = true;
    if (this.#stage.contains(this.#video)) this.#stage.replaceWith(this.#video);
    for (const part of [this.notice.root, this.#scrubber.root, this.controls.root]) part.remove();
  }
}
