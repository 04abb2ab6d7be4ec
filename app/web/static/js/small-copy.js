/** Makes a small copy of a film in the browser, to be sent first: what can be watched until the full film is there. */
import { canKeepFiles, written } from "br/private-file.js";

const HEIGHT = 240;
const BITS_PER_S = 220_000;
const SOUND_BITS_PER_S = 48_000;
const CODECS = ["avc1.42001e", "vp8"];

/** @returns {Promise<boolean>} whether this browser can encode one */
export async function canMakeSmall() {
  if (!canKeepFiles() || !globalThis.VideoEncoder) return false;
  const asked = CODECS.map((codec) => VideoEncoder.isConfigSupported({ codec, width: 320, height: HEIGHT, bitrate: BITS_PER_S }));
  return (await Promise.allSettled(asked)).some(({ value }) => value?.supported);
}

/** @returns {boolean} whether the browser says that the line is slow */
export function isSlowLine() {
  const { saveData, effectiveType } = navigator.connection ?? {};
  return Boolean(saveData) || /[23]g/.test(effectiveType ?? "");
}

/**
 * Make the copy: every picture at its own moment, only smaller.
 * @param {File} file
 * @param {{progress: (share: number) => void, signal: AbortSignal}} how
 * @returns {Promise<File | null>} null where this film can't be read here, or would hardly be smaller
 */
export async function makeSmall(file, { progress, signal }) {
  try {
    const small = await written((writable) => convert(file, writable, { progress, signal }));
    return small;
  } catch (problem) {
    if (signal.aborted) throw problem;
    return null;
  }
}

async function convert(file, writable, { progress, signal }) {
  const bunny = await import("mediabunny");
  const input = new bunny.Input({ source: new bunny.BlobSource(file), formats: bunny.ALL_FORMATS });
  const codec = await bunny.getFirstEncodableVideoCodec(["avc", "vp8"], { width: 320, height: HEIGHT, bitrate: BITS_PER_S });
  const format = codec === "avc" ? new bunny.Mp4OutputFormat({ fastStart: false }) : new bunny.WebMOutputFormat();
  const sounds = codec === "avc" ? ["aac", "opus"] : ["opus"];
  const heard = await bunny.getFirstEncodableAudioCodec(sounds, { numberOfChannels: 1, sampleRate: 48_000, bitrate: SOUND_BITS_PER_S });
  const output = new bunny.Output({ format, target: new bunny.StreamTarget(writable, { chunked: true }) });
  const conversion = await bunny.Conversion.init({
    input, output, tracks: "primary", tags: {}, showWarnings: false,
    video: { height: HEIGHT, codec, bitrate: BITS_PER_S, forceTranscode: true },
    audio: heard ? { codec: heard, numberOfChannels: 1, sampleRate: 48_000, bitrate: SOUND_BITS_PER_S, forceTranscode: true } : { discard: true },
  });
  const lost = conversion.discardedTracks.some(({ track }) => track.type === "video");
  if (!conversion.isValid || lost) throw new Error("This browser can't read that film's pictures.");
  conversion.onProgress = progress;
  signal.addEventListener("abort", () => conversion.cancel(), { once: true });
  await conversion.execute();
  return format.mimeType;
}
