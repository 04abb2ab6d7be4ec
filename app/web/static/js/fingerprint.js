/** Knows a file again without reading all of it, so that an upload can be carried on after a reload. */

const MIB = 1024 * 1024;
const BLOCK = 64 * 1024;

/**
 * SHA-256 of the size (8 bytes, big-endian), the first MiB, the last MiB and 8 blocks of 64 KiB between;
 * of a file under 4 MiB, the size and all of it.
 * @param {Blob} file
 * @returns {Promise<string>} `sha256:` and 64 hex digits
 */
export async function fingerprint(file) {
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(file.size));
  const digest = await crypto.subtle.digest("SHA-256", await new Blob([size, ...slices(file)]).arrayBuffer());
  return `sha256:${Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function slices(file) {
  if (file.size < 4 * MIB) return [file];
  const blocks = Array.from({ length: 8 }, (_none, index) => Math.floor((file.size * (index + 1)) / 9));
  return [file.slice(0, MIB), file.slice(file.size - MIB), ...blocks.map((at) => file.slice(at, at + BLOCK))];
}

/**
 * A part's SHA-256 as the API and the storage want it.
 * @param {Blob} part
 * @returns {Promise<string>} base64
 */
export async function partDigest(part) {
  const digest = await crypto.subtle.digest("SHA-256", await part.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
