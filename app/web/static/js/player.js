/**
 * `<br-player src="/api/v1/recordings/…/play" watched="…/watched" duration-ms="690000"><video controls …></video></br-player>`:
 * the lesson's player. What is inside plays without it where the browser can; with it there are keys, frames, ranges and words.
 */
import { Refusal, ask } from "br/api.js";
import { numberOf, say, tell } from "br/dom.js";
import { FrameStep } from "br/frame-step.js";
import { openSource } from "br/hls-source.js";
import { OneTab } from "br/one-tab.js";
import { recall, remember } from "br/person.js";
import { playerKeys } from "br/player-keys.js";
import { Range } from "br/player-range.js";
import { watchForStalls } from "br/player-stall.js";
import { PlayerView } from "br/player-view.js";
import { face } from "br/time.js";
import { Watched } from "br/watched.js";

const ASK_EVERY_MS = 10_000;
const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2];

export class BrPlayer extends HTMLElement {
  #gone;
  #video;
  #view;
  #frames;
  #range;
  #tab;
  #watched;
  #source = null;
  #opening = null;
  #play = null; // the last answer of /play
  #wanted = null; // where to be as soon as there are pictures, in ms
  #last_ms = 0;
  #exact = false;
  #told = 0;

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.#video = this.querySelector("video");
    const already = !this.#video.paused;
    this.#wanted = already ? this.#video.currentTime * 1000 : numberOf(this, "at-ms");
    this.#last_ms = this.#wanted ?? 0;
    const out_ms = this.hasAttribute("lock") ? numberOf(this, "until-ms") : null;
    this.#range = new Range({ in_ms: out_ms === null ? 0 : numberOf(this, "at-ms") ?? 0, out_ms });
    if (out_ms === null && numberOf(this, "until-ms") !== null) this.#range.choose(this.#last_ms, numberOf(this, "until-ms"));
    this.#view = new PlayerView(this, this.#video, signal);
    this.#frames = new FrameStep(this.#video, signal);
    this.#tab = new OneTab(() => this.#takenOver());
    this.#watched = this.hasAttribute("watched") ? new Watched(this.getAttribute("watched"), signal) : null;
    this.#video.muted = recall("muted") === "true";
    this.setRate(Number(recall("rate") ?? this.getAttribute("rate") ?? 1));
    this.#listen(signal);
    playerKeys(this, signal);
    this.#show();
    if (already) this.play();
  }

  disconnectedCallback() {
    this.#gone.abort();
    this.#tab.release();
    this.#source?.destroy();
    this.#source = this.#opening = this.#play = null;
    this.#view.takeDown();
  }

  /** Where the lesson is, in ms from its first frame; exact at any time, not only when a picture changes. */
  get atMs() {
    if (!this.#source || this.#wanted !== null) return Math.round(this.#wanted ?? this.#last_ms);
    const seconds = (this.#video.paused && this.#frames.shown_s) || this.#video.currentTime;
    return Math.round(seconds * 1000 + this.#offset);
  }

  /** The lesson's length (for a clip: where the clip ends), in ms. */
  get durationMs() {
    return this.#range.ends.out_ms ?? this.#play?.duration_ms ?? numberOf(this, "duration-ms") ?? this.#watchable;
  }

  get playing() {
    return !this.#video.paused && !this.#video.ended;
  }

  /** Play from here; opens the lesson at the first time. */
  async play({ steal = false } = {}) {
    if (!(await this.#tab.take({ steal }))) {
      const here = ["Here instead", () => this.play({ steal: true })];
      return this.#view.notice.show("other_tab", "A lesson is playing in your other tab.", [here]);
    }
    if (!(await this.#open())) return this.#tab.release();
    this.#view.notice.clear("other_tab");
    if (this.#range.due(this.atMs)) this.seek(this.#range.chosen?.in_ms ?? this.#range.ends.in_ms);
    this.#exact = false;
    return this.#video.play().catch((problem) => {
      if (problem.name === "NotAllowedError") this.#view.notice.show("press", "Your browser wants one more press on Play.");
    });
  }

  pause() {
    this.#video.pause();
  }

  toggle() {
    return this.playing ? this.pause() : this.play();
  }

  /**
   * Go to a moment; playing goes on, or stays off.
   * @param {number} at_ms
   */
  seek(at_ms) {
    const { in_ms, out_ms } = this.#range.ends;
    const end_ms = Math.min(out_ms ?? Infinity, this.#watchable || Infinity, this.durationMs || Infinity);
    const to_ms = Math.round(Math.max(in_ms, Math.min(at_ms, end_ms)));
    this.#exact = false;
    this.#range.jumped(to_ms);
    this.#watched?.stop();
    this.#wanted = to_ms;
    if (this.#ready) this.#go();
    else this.#open();
    this.#show();
  }

  skip(by_ms) {
    this.seek(this.atMs + by_ms);
  }

  /** One frame on or back, where it stands still. */
  async step(way) {
    if (this.playing || !(await this.#open())) return;
    this.#exact = true;
    await this.#frames.step(way);
    this.#show();
  }

  setRate(rate) {
    this.#video.playbackRate = RATES.includes(rate) ? rate : 1;
    this.#video.defaultPlaybackRate = this.#video.playbackRate;
  }

  faster(by) {
    const at = RATES.indexOf(this.#video.playbackRate) + by;
    if (!RATES[at]) return;
    this.setRate(RATES[at]);
    remember("rate", RATES[at]);
    say(`Speed ${RATES[at]}.`);
  }

  mute() {
    this.#video.muted = !this.#video.muted;
    remember("muted", this.#video.muted);
  }

  volume(by) {
    this.#video.volume = Math.min(1, Math.max(0, this.#video.volume + by));
  }

  /** Pin a picture height, or null: let the line decide. */
  setQuality(height) {
    this.#source?.choose(height);
    this.#view.controls.pinQuality(height);
  }

  captions() {
    for (const track of this.#video.textTracks) track.mode = track.mode === "showing" ? "hidden" : "showing";
  }

  pictureInPicture() {
    if (document.pictureInPictureElement) document.exitPictureInPicture();
    else this.#video.requestPictureInPicture?.().catch(() => say("Picture in picture isn't possible here."));
  }

  fillWindow() {
    document.body.toggleAttribute("data-fills-window");
    this.#show();
  }

  listKeys() {
    tell(this, "br:keys");
  }

  /** Loop the range that is chosen, or stop looping. */
  loop() {
    const loops = this.#range.toggleLoop();
    say(loops === null ? "There is no range to loop. Set its start with [ and its end with ]." : loops ? "The range loops." : "No longer looping.");
  }

  get #offset() {
    return this.#play?.offset_ms ?? 0; // a clip's playlist starts at its first segment; times stay the lesson's own
  }

  get #ready() {
    return this.#source && this.#video.readyState >= HTMLMediaElement.HAVE_METADATA;
  }

  get #watchable() {
    const loaded_ms = Number.isFinite(this.#video.duration) ? this.#video.duration * 1000 + this.#offset : 0;
    return Math.max(this.#play?.watchable_ms ?? numberOf(this, "watchable-ms") ?? 0, Math.floor(loaded_ms));
  }

  get #growing() {
    return this.#play !== null && this.#play.media_state !== "ready";
  }

  get #loaded() {
    const { buffered, currentTime } = this.#video;
    for (let index = 0; index < buffered.length; index += 1) {
      if (buffered.start(index) <= currentTime + 0.1 && buffered.end(index) >= currentTime) return buffered.end(index) * 1000 + this.#offset;
    }
    return this.atMs;
  }

  #listen(signal) {
    const video = this.#video;
    const on = (target, name, act) => target.addEventListener(name, act, { signal });
    for (const name of ["play", "pause", "ended", "ratechange", "volumechange"]) on(video, name, () => this.#changed());
    for (const name of ["timeupdate", "durationchange", "progress", "seeked"]) on(video, name, () => this.#tick());
    on(video, "loadedmetadata", () => this.#go());
    on(video, "click", () => this.toggle());
    on(document, "br:seek", (event) => this.#take(event));
    on(document, "br:range", ({ detail }) => { this.#range.choose(detail.at_ms, detail.until_ms); this.#show(); });
    on(document.body, "live:access.changed", () => this.#askAgain());
    on(window, "offline", () => this.#source && this.#sayOffline());
    on(window, "online", () => this.#backOnline());
    watchForStalls(video, { stalled: () => this.#stalled(), flowing: () => this.#flowing() }, signal);
    const clock = setInterval(() => (this.playing || this.#growing) && this.#askAgain(), ASK_EVERY_MS);
    signal.addEventListener("abort", () => clearInterval(clock));
    this.#eachFrame(signal);
  }

  #eachFrame(signal) {
    if (!this.#video.requestVideoFrameCallback) return;
    const seen = () => {
      this.#tick();
      if (!signal.aborted) this.#video.requestVideoFrameCallback(seen);
    };
    this.#video.requestVideoFrameCallback(seen);
  }

  #take(event) {
    const { at_ms, until_ms = null, pre_roll = false } = event.detail;
    if (event.defaultPrevented || this.#gone.signal.aborted || at_ms === null) return;
    event.preventDefault();
    const before = pre_roll ? Number(recall("pre-roll") ?? this.getAttribute("pre-roll-ms") ?? 3000) : 0;
    this.seek(at_ms - before);
    this.#range.choose(at_ms, until_ms);
  }

  /** @returns {Promise<boolean>} true when there is something to watch */
  #open() {
    this.#opening ??= this.#begin().catch((problem) => this.#refused(problem)).then((open) => {
      if (!open) this.#opening = null;
      return open;
    });
    return this.#opening;
  }

  async #begin() {
    const { signal } = this.#gone;
    this.#play = await ask("GET", this.getAttribute("src"), { signal });
    if (!this.#play.playlist || !this.#play.watchable_ms) return this.#nothingYet();
    this.#wanted ??= this.#play.at_ms ?? 0;
    const source = await openSource(this.#video, {
      playlist: this.#play.playlist,
      start_s: Math.max(0, (this.#wanted - this.#offset) / 1000),
      onGone: (status) => this.#end(status),
      onProblem: (code) => this.#trouble(code),
      onLevels: () => this.#view.controls.showQualities(this.#source?.heights() ?? []),
    });
    if (signal.aborted) return source.destroy() ?? false;
    this.#source = source;
    this.#view.controls.showQualities(source.heights());
    this.#view.notice.clear();
    return true;
  }

  #nothingYet() {
    this.#view.notice.show("not_yet", "There's nothing to watch yet: the first minutes are being prepared. We'll say so here when they're ready.");
    return false;
  }

  #go() {
    if (this.#wanted === null) return;
    const to_s = (this.#wanted - this.#offset) / 1000;
    this.#wanted = null;
    if (Math.abs(this.#video.currentTime - to_s) > 0.001) this.#video.currentTime = to_s;
  }

  #changed() {
    const { playing } = this;
    if (!playing) {
      this.#watched?.stop();
      this.#tab.release();
    }
    this.#show();
    tell(this, "br:state", { playing, rate: this.#video.playbackRate });
  }

  #tick() {
    if (!this.#source) return;
    const at_ms = this.atMs;
    this.#last_ms = at_ms;
    const due = this.playing ? this.#range.due(at_ms) : null;
    if (due?.again_ms !== undefined) return this.#video.currentTime = (due.again_ms - this.#offset) / 1000;
    if (due) this.pause();
    else if (this.playing) this.#watched?.at(at_ms, this.#video.playbackRate);
    if (performance.now() - this.#told < 90 && this.playing) return undefined; // ten times a second is smooth enough, and cheap
    this.#told = performance.now();
    this.#show();
    tell(this, "br:time", { at_ms });
    return undefined;
  }

  #show() {
    const { playing, durationMs: out_ms, atMs: at_ms } = this;
    const { in_ms } = this.#range.ends;
    const { playbackRate: rate, muted } = this.#video;
    const range = this.#range.chosen && [this.#range.chosen.in_ms, this.#range.chosen.out_ms];
    const watchable_ms = this.#growing ? this.#watchable : out_ms;
    this.#view.show({ at_ms, in_ms, out_ms, range, watchable_ms, loaded_ms: this.#loaded, exact: this.#exact, playing, rate, muted });
  }

  async #askAgain() {
    try {
      const before = this.#play?.media_state;
      this.#play = await ask("GET", this.getAttribute("src"), { signal: this.#gone.signal });
      if (!this.#source && this.#view.notice.code === "not_yet" && this.#play.watchable_ms) {
        this.#view.notice.show("begin", `The first ${face(this.#play.watchable_ms)} are ready.`, [["Play", () => this.play()]]);
      }
      if (before !== "ready" && this.#play.media_state === "ready") this.#view.notice.clear("growing");
      this.#show();
    } catch (problem) {
      this.#refused(problem);
    }
  }

  #refused(problem) {
    if (this.#gone.signal.aborted) return false;
    if (problem instanceof Refusal && [401, 404].includes(problem.status)) this.#end(problem.status);
    else if (!this.#source) this.#view.notice.show("no_answer", `${problem.message} Your notes are kept.`, [["Try again", () => this.play()]]);
    return false;
  }

  #trouble(code) {
    tell(this, "br:problem", { code });
    if (code === "native") return this.#askAgain();
    if (code !== "line") {
      const sentence = `The picture can't be shown from here on (${code}). Your notes are safe.`;
      return this.#view.notice.show("broken", sentence, [["Load it again", () => this.#reload()]]);
    }
    if (!navigator.onLine) return this.#sayOffline();
    return setTimeout(() => this.#source?.again(), 5000);
  }

  #reload() {
    this.#wanted = this.atMs;
    this.#source?.destroy();
    this.#source = this.#opening = null;
    this.play();
  }

  #stalled() {
    const { notice } = this.#view;
    if (!navigator.onLine) return this.#sayOffline();
    if (this.#growing && this.atMs > this.#watchable - 1000) {
      return notice.show("growing", "That's all that is ready so far. The rest is being prepared, and plays as it comes.");
    }
    const [lowest] = this.#source?.heights() ?? [];
    const small = lowest ? [[`${lowest}p`, () => this.setQuality(lowest)]] : [];
    return notice.show("slow", "Your line is slow.", [...small, ["Keep trying", () => this.#source?.again()]]);
  }

  #flowing() {
    for (const code of ["slow", "growing", "press", "begin"]) this.#view.notice.clear(code);
  }

  #sayOffline() {
    this.#view.notice.show("offline", `You're offline. Loaded up to ${face(this.#loaded)}. Notes go on, and are sent later.`);
  }

  #backOnline() {
    if (this.#view.notice.code !== "offline") return;
    this.#view.notice.clear("offline");
    this.#source?.again();
  }

  #takenOver() {
    if (!this.playing) return;
    this.pause();
    const here = ["Here instead", () => this.play({ steal: true })];
    this.#view.notice.show("other_tab", "This lesson paused here: you're playing one in your other tab.", [here]);
  }

  /** Access is gone: no picture may stay, loaded or not; the notes beside it do. */
  #end(status) {
    if (this.#gone.signal.aborted) return;
    this.#last_ms = this.atMs;
    this.#source?.destroy();
    this.#source = null;
    this.#wanted = null;
    this.#video.pause();
    this.#gone.abort();
    this.#tab.release();
    this.#view.blank(status);
    tell(this, "br:problem", { code: status === 401 ? "signed_out" : "access_ended" });
  }
}

customElements.define("br-player", BrPlayer);
