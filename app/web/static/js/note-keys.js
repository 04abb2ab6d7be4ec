/** Keys of the note box: outside fields they open it, inside it they move the stamp and post. */
import { onKeys } from "br/keys.js";

/**
 * @param {import("br/note-box.js").BrNoteBox} box
 * @param {AbortSignal} signal
 */
export function noteKeys(box, signal) {
  const range = {
    "[": () => box.change((stamp) => stamp.rangeIn()),
    "]": () => box.change((stamp) => stamp.rangeOut()),
  };
  const kinds = Object.fromEntries([1, 2, 3, 4, 5, 6].map((kind) => [kind, () => box.open(kind)]));
  onKeys({ ...range, ...kinds, i: range["["], o: range["]"], n: () => box.open() }, signal);
  box.addEventListener("keydown", (event) => inBox(box, event), { signal });
}

function inBox(box, event) {
  if (event.isComposing) return;
  if (event.key === "Escape") return event.target.blur(); // the draft stays
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    return box.querySelector("form").requestSubmit();
  }
  const act = event.altKey && !event.ctrlKey ? ALT[event.code] : undefined; // by place: Alt changes the letter on some layouts
  if (!act) return undefined;
  event.preventDefault();
  return act(box);
}

const ALT = {
  Comma: (box) => box.change((stamp) => stamp.move(-1000)),
  Period: (box) => box.change((stamp) => stamp.move(1000)),
  BracketLeft: (box) => box.change((stamp) => stamp.rangeIn()),
  BracketRight: (box) => box.change((stamp) => stamp.rangeOut()),
  KeyP: (box) => box.player?.toggle(),
};
