/** What this device keeps until it has arrived: notes on their way, uploads half sent, text half written. */
import { openDB } from "idb";

let opened;

/**
 * The database `backrow` of this browser: stores `outbox` (by seq), `uploads` (by resume_key), `drafts` (by key).
 * @returns {Promise<import("idb").IDBPDatabase>}
 */
export function kept() {
  opened ??= openDB("backrow", 1, {
    upgrade(db) {
      db.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true });
      db.createObjectStore("uploads", { keyPath: "resume_key" });
      db.createObjectStore("drafts", { keyPath: "key" });
    },
    blocking: (_now, _next, event) => event.target.close(),
    terminated: () => { opened = undefined; },
  });
  return opened;
}
