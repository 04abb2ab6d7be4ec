/** One lesson plays at a time in this browser: a second tab asks before it takes over. */

const LOCK = "backrow-playing";

/** Holds the right to play while playing. */
export class OneTab {
  #release = null;
  #lost;

  /** @param {() => void} lost called when another tab took over */
  constructor(lost) {
    this.#lost = lost;
  }

  /**
   * @param {{steal?: boolean}} [how] `steal` takes it from the other tab
   * @returns {Promise<boolean>} true when this tab may play
   */
  take({ steal = false } = {}) {
    if (this.#release || !navigator.locks) return Promise.resolve(true);
    return new Promise((answer) => {
      const hold = (lock) => {
        answer(lock !== null);
        return lock && new Promise((release) => { this.#release = release; });
      };
      const how = steal ? { steal } : { ifAvailable: true };
      navigator.locks.request(LOCK, how, hold).catch(() => { this.#release = null; this.#lost(); });
    });
  }

  /** Playing stopped: others may. */
  release() {
    this.#release?.();
    this.#release = null;
  }
}
