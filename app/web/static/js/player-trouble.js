/** What the player says, and offers, when it can't play on. */
import { watchForStalls } from "br/player-stall.js";
import { face } from "br/time.js";

/** Words for each trouble of one player; each goes away by itself when playing goes on. */
export class Trouble {
  #player;
  #lesson;
  #notice;

  /**
   * @param {import("br/player.js").BrPlayer} player
   * @param {HTMLVideoElement} video
   * @param {import("br/player-lesson.js").Lesson} lesson
   * @param {import("br/player-notice.js").Notice} notice
   * @param {AbortSignal} signal
   */
  constructor(player, video, { lesson, notice, signal }) {
    this.#player = player;
    this.#lesson = lesson;
    this.#notice = notice;
    watchForStalls(video, { stalled: () => this.#stalled(), flowing: () => this.#flowing() }, signal);
    addEventListener("offline", () => lesson.opened && this.#offline(), { signal });
    addEventListener("online", () => this.#online(), { signal });
  }

  nothingYet() {
    this.#notice.show("not_yet", "There's nothing to watch yet: the first minutes are being prepared. We'll say so here when they're ready.");
  }

  /** Pictures came after all. */
  ready() {
    if (this.#notice.code !== "not_yet") return;
    this.#notice.show("begin", `The first ${face(this.#lesson.watchable_ms)} are ready.`, [["Play", () => this.#player.play()]]);
  }

  noAnswer(problem) {
    this.#notice.show("no_answer", `${problem.message} Your notes are kept.`, [["Try again", () => this.#player.play()]]);
  }

  pressOnceMore() {
    this.#notice.show("press", "Your browser wants one more press on Play.");
  }

  otherTab(sentence) {
    this.#notice.show("other_tab", sentence, [["Here instead", () => this.#player.play({ steal: true })]]);
  }

  /** The source gave up. @param {string} code */
  broken(code) {
    if (code === "native") return this.#lesson.ask();
    if (code !== "line") {
      const sentence = `The picture can't be shown from here on (${code}). Your notes are safe.`;
      return this.#notice.show("broken", sentence, [["Load it again", () => this.#player.reload()]]);
    }
    if (!navigator.onLine) return this.#offline();
    return setTimeout(() => this.#lesson.again(), 5000);
  }

  #stalled() {
    if (!navigator.onLine) return this.#offline();
    if (this.#lesson.growing && this.#player.atMs > this.#lesson.watchable_ms - 1000) {
      return this.#notice.show("growing", "That's all that is ready so far. The rest is being prepared, and plays as it comes.");
    }
    const [lowest] = this.#lesson.heights;
    const small = lowest ? [[`${lowest}p`, () => this.#player.setQuality(lowest)]] : [];
    return this.#notice.show("slow", "Your line is slow.", [...small, ["Keep trying", () => this.#lesson.again()]]);
  }

  #flowing() {
    for (const code of ["slow", "growing", "press", "begin", "other_tab"]) this.#notice.clear(code);
  }

  #offline() {
    this.#notice.show("offline", `You're offline. Loaded up to ${face(this.#lesson.loaded_ms)}. Notes go on, and are sent later.`);
  }

  #online() {
    if (this.#notice.code !== "offline") return;
    this.#notice.clear("offline");
    this.#lesson.again();
  }
}
