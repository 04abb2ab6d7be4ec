/** What this device keeps until it has arrived: notes on their way, uploads half sent, text half written. */
import { onSharedComputer } from "br/person.js";
import { openDB } from "idb";

let opened;

/**
 * The database `backrow` of this browser: stores `outbox` (by seq), `uploads` (by resume_key), `drafts` (by key).
 * @returns {Promise<import("idb").IDBPDatabase | null>} null where nothing may stay on this device, or it can't keep anything
 */
export async function kept() {
  if (onSharedComputer()) return null;
  try {
    return await (opened ??= open());
  } catch {
    opened = undefined; // storage is full or switched off; the next call tries again
    return null;
  }
}

function open() {
  return openDB("backrow", 1, {
    upgrade(db) {
      db.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true });
      db.createObjectStore("uploads", { keyPath: "resume_key" });
      db.createObjectStore("drafts", { keyPath: "key" });
    },
    blocking: (_now, _next, event) => { event.target.close(); opened = undefined; },
    terminated: () => { opened = undefined; },
  });
}
