/** Keys of the note box: outside fields they open it, inside it they move the stamp and post. */
import { onKeys } from "br/keys.js";

const PATIENCE_MS = 2000;

/**
 * @param {import("br/note-box.js").BrNoteBox} box
 * @param {AbortSignal} signal
 */
export function noteKeys(box, signal) {
  const range = {
    "[": () => box.change((stamp) => stamp.rangeIn()),
    "]": () => box.change((stamp) => stamp.rangeOut()),
  };
  const kinds = Object.fromEntries([...box.querySelectorAll("input[name='kind']")].map((_, index) => [index + 1, () => box.open(index + 1)]));
  const focus = () => second((key) => /^[1-9]$/.test(key) && box.chooseAbout("focus_item_id", Number(key)), signal);
  const pupil = () => second((key) => /^[abc]$/.test(key) && box.chooseAbout("case_pupil_id", "abc".indexOf(key) + 1), signal);
  const about = { ...(box.querySelector("[name='focus_item_id']") && { f: focus }), ...(box.querySelector("[name='case_pupil_id']") && { g: pupil }) };
  onKeys({ ...range, ...kinds, ...about, i: range["["], o: range["]"], n: () => box.open() }, signal);
  box.addEventListener("keydown", (event) => inBox(box, event), { signal });
}

/** `F` then a number, `G` then a letter: the second key is taken before it can mean anything else. */
function second(act, signal) {
  const over = new AbortController();
  setTimeout(() => over.abort(), PATIENCE_MS);
  document.addEventListener("keydown", (event) => {
    over.abort();
    if (!act(event.key.toLowerCase())) return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true, signal: AbortSignal.any([over.signal, signal]) });
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
