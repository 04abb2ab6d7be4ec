/** Cuts a film in the browser, without encoding: packets are copied from the file into this browser's private files. */
import { canKeepFiles, written } from "br/private-file.js";

/** The browser couldn't cut the film after all; it can be cut on arrival. */
export class CannotCut extends Error {}

/**
 * Look whether a film can be cut here.
 * @param {File} file
 * @returns {Promise<Cutter | null>} null where it can't be read, or nothing may stay on this device
 */
export async function cutterFor(file) {
  if (!canKeepFiles()) return null;
  try {
    const bunny = await import("mediabunny");
    const input = new bunny.Input({ source: new bunny.BlobSource(file), formats: bunny.ALL_FORMATS });
    const picture = await input.getPrimaryVideoTrack();
    const begins = await picture?.getFirstTimestamp();
    if (!(begins >= 0)) return null; // what a phone has hidden must stay hidden
    const sounds = await input.getAudioTracks();
    const kind = await input.getFormat();
    const zero = kind instanceof bunny.MpegTsInputFormat ? begins : 0; // a stream's clock begins anywhere
    const format = kind instanceof bunny.MatroskaInputFormat ? new bunny.MkvOutputFormat() : new bunny.Mp4OutputFormat({ fastStart: false });
    const held = format.getSupportedCodecs();
    for (const track of [picture, ...sounds]) {
      const known = held.includes(await track.getCodec()) && (await track.getDecoderConfig());
      if (!known) return null;
    }
    return new Cutter({ bunny, picture, sounds, format, zero });
  } catch {
    return null; // whatever it stumbles over: the server reads more kinds of film
  }
}

/** One film that can be cut here. */
export class Cutter {
  #film;

  /** @param {object} film what mediabunny says of it */
  constructor(film) {
    this.#film = film;
  }

  /**
   * Where a cut at this moment falls: at the whole picture before it.
   * @param {number} in_ms
   * @returns {Promise<number>} ms
   */
  async beginsAt(in_ms) {
    return Math.round(((await this.#key(in_ms)).timestamp - this.#film.zero) * 1000);
  }

  /**
   * Cut the film into a private file of this browser; `wipe` it when it has been sent.
   * @param {{in_ms: number, out_ms: number}} trim
   * @param {{progress: (share: number) => void, signal: AbortSignal}} how
   * @returns {Promise<File>}
   * @throws {CannotCut} and nothing is left
   */
  async cut(trim, { progress, signal }) {
    try {
      return await written((writable) => this.#write(writable, trim, { progress, signal }));
    } catch (problem) {
      if (signal.aborted) throw problem;
      throw new CannotCut("This browser couldn't cut the film.", { cause: problem });
    }
  }

  async #write(writable, trim, how) {
    const { bunny, format } = this.#film;
    const output = new bunny.Output({ format, target: new bunny.StreamTarget(writable, { chunked: true }) });
    const stretch = await this.#stretch(trim);
    const tracks = await this.#tracks(output, stretch);
    await output.start();
    await copy(tracks, stretch, how);
    await output.finalize();
    return format.mimeType;
  }

  async #key(in_ms) {
    const sink = new this.#film.bunny.EncodedPacketSink(this.#film.picture);
    return (await sink.getKeyPacket(this.#film.zero + in_ms / 1000, { verifyKeyPackets: true })) ?? sink.getFirstKeyPacket();
  }

  /**
   * Packets are kept in the order in which they are stored, up to the first that is shown too late: a picture may lean
   * on one that is shown after it. The film then ends a few pictures early, and never has a hole.
   */
  async #stretch({ in_ms, out_ms }) {
    const key = await this.#key(in_ms);
    const sink = new this.#film.bunny.EncodedPacketSink(this.#film.picture);
    let until = key.timestamp;
    let count = 0;
    for await (const packet of sink.packets(key, undefined, { metadataOnly: true })) {
      if (count && packet.timestamp >= this.#film.zero + out_ms / 1000) break;
      if (packet.timestamp < until - 1) throw new CannotCut("Its clock begins again on the way.");
      until = Math.max(until, packet.timestamp + packet.duration);
      count += 1;
    }
    return { key, from: key.timestamp, until, count };
  }

  async #tracks(output, { key, from, until, count }) {
    const { bunny, picture, sounds } = this.#film;
    const shown = new bunny.EncodedVideoPacketSource(await picture.getCodec());
    output.addVideoTrack(shown, { transformationMatrix: await picture.getTransformationMatrix() });
    const tracks = [await track(picture, shown, first(count, new bunny.EncodedPacketSink(picture).packets(key)))];
    for (const sound of sounds) {
      const heard = new bunny.EncodedAudioPacketSource(await sound.getCodec());
      output.addAudioTrack(heard);
      const sink = new bunny.EncodedPacketSink(sound);
      const begin = (await sink.getPacket(from)) ?? (await sink.getFirstPacket());
      tracks.push(await track(sound, heard, begin ? within(sink.packets(begin), from, until) : nothing()));
    }
    return tracks;
  }
}

async function track(from, to, packets) {
  const config = await from.getDecoderConfig();
  return { to, packets, meta: { decoderConfig: config }, next: (await packets.next()).value };
}

async function* first(count, packets) {
  let seen = 0;
  for await (const packet of packets) {
    if (seen === count) return;
    seen += 1;
    yield packet;
  }
}

/** A packet of sound lasts a while: one that reaches over an end would let be heard what lies beyond. */
async function* within(packets, from, until) {
  const near = 0.0005;
  for await (const packet of packets) {
    if (packet.timestamp >= until) return;
    if (packet.timestamp >= from - near && packet.timestamp + packet.duration <= until + near) yield packet;
  }
}

async function* nothing() {}

/** Copy packets as they are heard and seen, so that no track runs ahead and fills the memory. */
async function copy(tracks, { from, until }, { progress, signal }) {
  let told = 0;
  for (;;) {
    signal.throwIfAborted();
    const open = tracks.filter(({ next }) => next);
    if (!open.length) return;
    const now = open.reduce((least, each) => (each.next.timestamp < least.next.timestamp ? each : least));
    // What is stored after the first whole picture and shown before it leans on what is gone.
    if (now.next.timestamp >= from - 0.0005) await now.to.add(now.next.clone({ timestamp: Math.max(0, now.next.timestamp - from) }), now.meta);
    const share = (now.next.timestamp - from) / (until - from);
    if (share > told + 0.01) progress(told = share);
    now.next = (await now.packets.next()).value;
  }
}
