/**
 * `<br-player src="/api/v1/recordings/…/play" watched="…/watched" duration-ms="690000"><video controls …></video></br-player>`:
 * the lesson's player. What is inside plays without it where the browser can; with it there are keys, frames, ranges and words.
 */
import { numberOf, say, tell } from "br/dom.js";
import { FrameStep, eachFrame } from "br/frame-step.js";
import { OneTab } from "br/one-tab.js";
import { recall, remember } from "br/person.js";
import { playerKeys } from "br/player-keys.js";
import { Lesson } from "br/player-lesson.js";
import { rangeOf } from "br/player-range.js";
import { Trouble } from "br/player-trouble.js";
import { PlayerView } from "br/player-view.js";
import { Watched } from "br/watched.js";

const USUAL_ASK_S = 10;
const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2];

export class BrPlayer extends HTMLElement {
  #gone;
  #video;
  #view;
  #lesson;
  #trouble;
  #frames;
  #range;
  #tab;
  #watched;
  #wanted = null; // where to be as soon as there are pictures, in ms
  #last_ms = 0;
  #exact = false;
  #told = 0;

  connectedCallback() {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    this.#video = this.querySelector("video");
    const already = !this.#video.paused; // played by the browser's own controls before we came
    this.#wanted = already ? this.#video.currentTime * 1000 : numberOf(this, "at-ms");
    this.#last_ms = this.#wanted ?? 0;
    this.#range = rangeOf(this);
    this.#view = new PlayerView(this, this.#video, signal);
    this.#lesson = new Lesson(this, this.#video, this.#calls(), signal);
    this.#trouble = new Trouble(this, this.#video, { lesson: this.#lesson, notice: this.#view.notice, signal });
    this.#frames = new FrameStep(this.#video, signal);
    this.#tab = new OneTab(() => this.#takenOver());
    this.#watched = this.hasAttribute("watched") ? new Watched(this.getAttribute("watched"), signal) : null;
    this.#video.muted = recall("muted") === "true";
    this.setRate(Number(recall("rate") ?? this.getAttribute("rate") ?? 1));
    this.#listen(signal);
    playerKeys(this, signal);
    this.#show();
    tell(this, "br:time", { at_ms: this.atMs }); // what came alive earlier had no answer yet
    if (already) this.play();
  }

  disconnectedCallback() {
    this.#gone.abort();
    this.#tab.release();
    this.#lesson.close();
    this.#view.takeDown();
  }

  /** Where the lesson is, in ms from its first frame; exact at any time, not only when a picture changes. */
  get atMs() {
    if (!this.#lesson.opened || this.#wanted !== null) return Math.round(this.#wanted ?? this.#last_ms);
    const seconds = (this.#video.paused && this.#frames.shown_s) || this.#video.currentTime;
    return Math.round(seconds * 1000 + this.#lesson.offset_ms);
  }

  /** The lesson's length (for a clip: where the clip ends), in ms. */
  get durationMs() {
    return this.#range.ends.out_ms ?? this.#lesson.duration_ms;
  }

  get playing() {
    return !this.#video.paused && !this.#video.ended;
  }

  /** Play from here; opens the lesson at the first time. `steal` takes over from another tab. */
  async play({ steal = false } = {}) {
    if (!(await this.#tab.take({ steal }))) return this.#trouble.otherTab("A lesson is playing in your other tab.");
    if (!(await this.#open())) return this.#tab.release();
    if (this.#range.due(this.atMs)) this.seek(this.#range.chosen?.in_ms ?? this.#range.ends.in_ms);
    this.#exact = false;
    return this.#video.play().catch((problem) => problem.name === "NotAllowedError" && this.#trouble.pressOnceMore());
  }

  pause() {
    this.#video.pause();
  }

  toggle() {
    return this.playing ? this.pause() : this.play();
  }

  /** Load the lesson anew, from where it stands. */
  reload({ play = true } = {}) {
    this.#wanted = this.atMs;
    this.#lesson.close();
    play ? this.play() : this.#open();
  }

  /**
   * Go to a moment; playing goes on, or stays off.
   * @param {number} at_ms
   */
  seek(at_ms) {
    const { in_ms, out_ms } = this.#range.ends;
    const end_ms = Math.min(out_ms ?? Infinity, this.#lesson.watchable_ms || Infinity, this.durationMs || Infinity);
    const to_ms = Math.round(Math.max(in_ms, Math.min(at_ms, end_ms)));
    this.#exact = false;
    this.#range.jumped(to_ms);
    this.#watched?.stop();
    this.#wanted = to_ms;
    if (this.#lesson.seekable) this.#go();
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
    this.#video.defaultPlaybackRate = this.#video.playbackRate; // a new source would otherwise start at 1
  }

  /** The person's own choice of speed: kept for next time. */
  chooseRate(rate) {
    if (!RATES.includes(rate)) return;
    this.setRate(rate);
    remember("rate", rate);
    say(`Speed ${rate}.`);
  }

  faster(by) {
    this.chooseRate(RATES[RATES.indexOf(this.#video.playbackRate) + by]);
  }

  mute() {
    this.#video.muted = !this.#video.muted;
    remember("muted", this.#video.muted);
  }

  volume(by) {
    this.#video.volume = Math.min(1, Math.max(0, this.#video.volume + by));
    say(`Volume ${Math.round(this.#video.volume * 100)} %.`);
  }

  /** Pin a picture height, or null: let the line decide. */
  setQuality(height) {
    this.#lesson.choose(height);
    this.#view.controls.pinQuality(height);
  }

  captions() {
    this.#view.captions.toggle();
  }

  pictureInPicture() {
    if (document.pictureInPictureElement) document.exitPictureInPicture();
    else this.#video.requestPictureInPicture?.().catch(() => say("Picture in picture isn't possible here."));
  }

  fillWindow() {
    document.body.toggleAttribute("data-fills-window");
    this.#show();
  }

  /** Loop the range that is chosen, or stop looping. */
  loop() {
    const loops = this.#range.toggleLoop();
    this.#show();
    say(loops === null ? "There is no stretch to loop. Mark one with “From here” and “Until here”." : loops ? "The stretch loops." : "No longer looping.");
  }

  #calls() {
    return {
      ended: (status) => this.#end(status),
      trouble: (code) => { tell(this, "br:problem", { code }); this.#trouble.broken(code); },
      nothingYet: () => this.#trouble.nothingYet(),
      noAnswer: (problem) => this.#trouble.noAnswer(problem),
      replaced: () => this.reload({ play: this.playing }), changed: () => this.#news(),
    };
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
    on(document.body, "live:access.changed", () => this.#lesson.ask());
    const clock = setInterval(() => this.#askNowAndThen(), (numberOf(this, "ask-every-s") ?? USUAL_ASK_S) * 1000);
    signal.addEventListener("abort", () => clearInterval(clock));
    eachFrame(video, signal, () => this.#tick());
  }

  /** Access may end while nothing is fetched; and what is being prepared grows. */
  #askNowAndThen() {
    if (this.playing || this.#lesson.growing) this.#lesson.ask();
  }

  #take(event) {
    const { at_ms, until_ms = null, pre_roll = false } = event.detail;
    if (event.defaultPrevented || this.#gone.signal.aborted || at_ms === null) return;
    event.preventDefault();
    const before = pre_roll ? Number(recall("pre-roll") ?? this.getAttribute("pre-roll-ms") ?? 3000) : 0;
    this.seek(at_ms - before);
    this.#range.choose(at_ms, until_ms);
  }

  #open() {
    return this.#lesson.open((carry_on_ms) => (this.#wanted ??= carry_on_ms));
  }

  #go() {
    if (this.#wanted === null) return;
    const to_s = (this.#wanted - this.#lesson.offset_ms) / 1000;
    this.#wanted = null;
    if (Math.abs(this.#video.currentTime - to_s) > 0.001) this.#video.currentTime = to_s;
  }

  #news() {
    this.#view.controls.showQualities(this.#lesson.heights);
    if (this.#lesson.watchable_ms) this.#trouble.ready();
    this.#show();
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
    if (!this.#lesson.opened) return;
    const at_ms = this.atMs;
    this.#last_ms = at_ms;
    if (this.playing) this.#keepRange(at_ms);
    if (this.playing && performance.now() - this.#told < 90) return; // ten times a second is smooth enough, and cheap
    this.#told = performance.now();
    this.#show();
    tell(this, "br:time", { at_ms });
  }

  #keepRange(at_ms) {
    const due = this.#range.due(at_ms);
    if (due?.again_ms !== undefined) this.#video.currentTime = (due.again_ms - this.#lesson.offset_ms) / 1000;
    else if (due) this.pause();
    else this.#watched?.at(at_ms, this.#video.playbackRate);
  }

  #show() {
    const { playing, durationMs: out_ms, atMs: at_ms } = this;
    const { growing, loaded_ms } = this.#lesson;
    const { playbackRate: rate, muted } = this.#video;
    const range = this.#range.chosen && [this.#range.chosen.in_ms, this.#range.chosen.out_ms];
    const watchable_ms = growing ? this.#lesson.watchable_ms : out_ms;
    this.#view.show({ at_ms, in_ms: this.#range.ends.in_ms, out_ms, range, watchable_ms, loaded_ms, exact: this.#exact, playing, rate, muted, loops: this.#range.chosen?.loop ?? false });
  }

  #takenOver() {
    if (!this.playing) return;
    this.pause();
    this.#trouble.otherTab("This lesson paused here: you're playing one in your other tab.");
  }

  /** Access is gone: no picture may stay, loaded or not; the notes beside it do. */
  #end(status) {
    if (this.#gone.signal.aborted) return;
    this.#last_ms = this.atMs;
    this.#wanted = null;
    this.#lesson.close();
    this.#video.pause();
    this.#gone.abort();
    this.#tab.release();
    this.#view.blank(status);
    tell(this, "br:problem", { code: status === 401 ? "signed_out" : "access_ended" });
  }
}

customElements.define("br-player", BrPlayer);
