/** Joins a `<video>` to a lesson's playlist: by hls.js where the browser has media sources, else by the browser itself. */

const MIME = "application/vnd.apple.mpegurl";
const GONE = new Set([401, 404]);

/**
 * What a player needs of its source, whichever way it plays.
 * @typedef {object} Source
 * @property {() => void} destroy ends loading and takes the picture away
 * @property {() => number[]} heights the qualities there are, lowest first
 * @property {(height: number | null) => void} choose pins a quality; null lets the line decide
 * @property {() => void} again goes on loading after the line was down
 */

/**
 * Open a playlist.
 * @param {HTMLVideoElement} video
 * @param {object} wish
 * @param {string} wish.playlist
 * @param {number} wish.start_s where to begin, in seconds of the playlist
 * @param {(status: number) => void} wish.onGone the server says that this may no longer be watched
 * @param {(code: string) => void} wish.onProblem it can't go on by itself
 * @param {() => void} wish.onLevels the list of qualities is known
 * @param {(ms: number) => void} wish.onOffset where the playlist's beginning lies in the lesson, read from its first segment
 * @returns {Promise<Source>}
 */
export async function openSource(video, wish) {
  const { default: Hls } = await import("hls.js");
  if (Hls.isSupported()) return new HlsSource(Hls, video, wish);
  if (video.canPlayType(MIME)) return new NativeSource(video, wish);
  throw new Error("no_player");
}

/** Plays through media sources. */
class HlsSource {
  #hls;
  #Hls;
  #wish;
  #mended = false;

  constructor(Hls, video, wish) {
    this.#Hls = Hls;
    this.#wish = wish;
    const slow = navigator.connection?.saveData || /2g/.test(navigator.connection?.effectiveType ?? "");
    this.#hls = new Hls({
      enableWorker: false, // fragmented MP4 needs no rewriting, and a worker would need its own address in the policy
      capLevelToPlayerSize: true,
      startPosition: wish.start_s, // an event playlist would otherwise start at its growing end
      maxBufferLength: slow ? 120 : 30,
      startLevel: slow ? 0 : -1,
      manifestLoadPolicy: policy(Hls, "manifestLoadPolicy"),
      playlistLoadPolicy: policy(Hls, "playlistLoadPolicy"),
      fragLoadPolicy: policy(Hls, "fragLoadPolicy"),
    });
    this.#hls.on(Hls.Events.MANIFEST_PARSED, () => wish.onLevels());
    this.#hls.on(Hls.Events.INIT_PTS_FOUND, (_name, { id, initPTS, timescale }) => {
      if (id === "main") wish.onOffset(Math.round((initPTS / timescale) * 1000));
    });
    this.#hls.on(Hls.Events.ERROR, (_name, data) => this.#trouble(data));
    this.#hls.loadSource(wish.playlist);
    this.#hls.attachMedia(video);
  }

  destroy() {
    this.#hls.destroy(); // without it hls.js asks on, and what is loaded plays out
  }

  heights() {
    return [...new Set(this.#hls.levels.map((level) => level.height))].filter(Boolean).sort((a, b) => a - b);
  }

  choose(height) {
    this.#hls.nextLevel = height === null ? -1 : this.#hls.levels.findIndex((level) => level.height === height);
  }

  again() {
    this.#hls.startLoad(-1);
  }

  #trouble(data) {
    const status = data.response?.code;
    if (GONE.has(status) && !redirected(data)) return this.#wish.onGone(status);
    if (!data.fatal) return undefined;
    if (data.type === this.#Hls.ErrorTypes.MEDIA_ERROR) return this.#mend(data);
    if (data.type === this.#Hls.ErrorTypes.NETWORK_ERROR) return this.#wish.onProblem("line");
    return this.#wish.onProblem(data.details);
  }

  #mend(data) {
    if (!this.#mended) {
      this.#mended = true; // once by itself; a second fault lies in the pictures, not in the player
      return this.#hls.recoverMediaError();
    }
    const lower = Math.max(this.#hls.currentLevel, 0) - 1;
    if (lower < 0) return this.#wish.onProblem(data.details);
    this.#hls.nextLevel = lower;
    this.#hls.autoLevelCapping = lower;
    return this.#hls.recoverMediaError();
  }
}

/** Plays by the browser's own means; quality is then the browser's choice. */
class NativeSource {
  #video;
  #gone = new AbortController();

  constructor(video, wish) {
    this.#video = video;
    video.addEventListener("error", () => wish.onProblem("native"), { signal: this.#gone.signal });
    video.src = wish.playlist;
    video.load();
  }

  destroy() {
    this.#gone.abort();
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  heights() {
    return [];
  }

  choose() {}

  again() {
    const [at, playing] = [this.#video.currentTime, !this.#video.paused];
    this.#video.load();
    this.#video.currentTime = at;
    if (playing) this.#video.play();
  }
}

/** The storage said 403: the address it was sent to is old, and asking our own address once more gets a new one. */
function policy(Hls, name) {
  const usual = Hls.DefaultConfig[name].default;
  const shouldRetry = (_retry, count, _late, answer, would) => (answer?.code === 403 ? count < 1 : would);
  const errorRetry = { ...(usual.errorRetry ?? { maxNumRetry: 4, retryDelayMs: 500, maxRetryDelayMs: 8000 }), shouldRetry };
  return { default: { ...usual, errorRetry } };
}

/** True where the answer came from the storage, not from Backrow: then a 404 is a fault, not a 'no'. */
function redirected(data) {
  const asked = data.frag?.url ?? data.context?.url ?? data.url;
  const answered = data.networkDetails?.responseURL;
  if (!asked || !answered) return false;
  return new URL(asked, location.href).href.split("#")[0] !== answered;
}
