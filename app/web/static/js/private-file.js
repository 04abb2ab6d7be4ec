/** Private files of this browser: a film on its way lies there, seen by no other site, until it has been sent. */
import { onSharedComputer } from "br/person.js";

const PREFIX = "film-";

/** @returns {boolean} false where the browser can't write such files, or nothing may stay on this device */
export function canKeepFiles() {
  return Boolean(navigator.storage?.getDirectory && globalThis.FileSystemFileHandle?.prototype.createWritable) && !onSharedComputer();
}

/**
 * Let a film be written into a private file; what went wrong leaves none.
 * @param {(writable: WritableStream) => Promise<string>} write closes the stream, and gives the film's MIME type
 * @returns {Promise<File>} `wipe` it by its name when it has been sent
 */
export async function written(write) {
  const name = await newName();
  try {
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle(name, { create: true });
    const type = await write(await handle.createWritable());
    return new File([await handle.getFile()], name, { type });
  } catch (problem) {
    await wipe(name);
    throw problem;
  }
}

/**
 * Wipe a private file, or all that no open page holds any more.
 * @param {string} [name]
 */
export async function wipe(name) {
  const folder = await navigator.storage?.getDirectory?.().catch(() => null);
  if (!folder) return;
  if (name) return void (await folder.removeEntry(name).catch(() => {}));
  for await (const left of folder.keys()) {
    if (!left.startsWith(PREFIX)) continue;
    await navigator.locks.request(left, { ifAvailable: true }, (free) => (free ? folder.removeEntry(left).catch(() => {}) : null));
  }
}

/** Give a name that is held for as long as this page is open, so that no other page takes the file for left over. */
function newName() {
  const name = `${PREFIX}${crypto.randomUUID()}`;
  return new Promise((held) => navigator.locks.request(name, () => { held(name); return new Promise(() => {}); }));
}
