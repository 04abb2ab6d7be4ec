/** Steps a paused video by exactly one frame; phones record at a varying rate, so the next frame is found, not counted. */

const USUAL_MS = 40;
const PATIENCE_MS = 1000;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Call `seen` for every frame that comes on screen, where the browser can tell.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal
 * @param {(frame: {mediaTime: number}) => void} seen
 */
export function eachFrame(video, signal, seen) {
  video.requestVideoFrameCallback?.((_now, frame) => {
    seen(frame);
    if (!signal.aborted) eachFrame(video, signal, seen);
  });
}

/** Knows the frame on screen and how far apart frames lie here. */
export class FrameStep {
  #video;
  #shown_s = null;
  #gap_s = USUAL_MS / 1000;
  #waiting = 0;
  #last = Promise.resolve();

  /**
   * @param {HTMLVideoElement} video
   * @param {AbortSignal} signal
   */
  constructor(video, signal) {
    this.#video = video;
    eachFrame(video, signal, ({ mediaTime }) => {
      const step = mediaTime - (this.#shown_s ?? mediaTime);
      if (!video.paused && step > 0.004 && step < 0.2) this.#gap_s = step;
      this.#shown_s = mediaTime;
    });
  }

  /** When the frame on screen begins, in seconds of the video; null where the browser can't tell or it isn't the current one. */
  get shown_s() {
    const behind = this.#video.currentTime - (this.#shown_s ?? Infinity);
    return behind > -0.005 && behind < 0.25 ? this.#shown_s : null;
  }

  /**
   * One frame on (1) or back (-1); ends when the picture has changed, or can't.
   * @param {1 | -1} way
   */
  step(way) {
    if (this.#waiting > 2) return this.#last; // a key held down: the picture sets the pace
    this.#waiting += 1;
    this.#last = this.#last.then(() => this.#one(way)).finally(() => { this.#waiting -= 1; });
    return this.#last;
  }

  async #one(way) {
    if (!this.#video.paused) return;
    const { shown_s } = this; // at the film's very end no frame is told: what was told last is far behind
    if (shown_s === null) await this.#seek(Math.min(this.#video.currentTime + (way * USUAL_MS) / 1000, (this.#video.duration || Infinity) - USUAL_MS / 1000));
    else if (way < 0) await this.#seek(shown_s - 0.001); // a frame is on screen until the next one's time
    else await this.#forward(shown_s);
  }

  async #forward(from_s) {
    for (let half = 1; half <= 10 && this.#shown_s === from_s; half += 1) {
      const to_s = from_s + (half * this.#gap_s) / 2 + 0.001;
      if (to_s >= this.#video.duration - this.#gap_s / 2) return; // this is the last frame
      await this.#seek(to_s);
    }
  }

  async #seek(to_s) {
    const video = this.#video;
    const seeked = new Promise((done) => video.addEventListener("seeked", done, { once: true }));
    const painted = video.requestVideoFrameCallback ? new Promise((done) => video.requestVideoFrameCallback(done)) : seeked;
    video.currentTime = Math.max(0, to_s);
    // The same picture may not be painted again; and near the film's end a seek may paint, yet never be called done.
    await Promise.race([painted, seeked.then(() => wait(150)), wait(PATIENCE_MS)]);
  }
}
