/** Which key does what to the player; the list for people is `templates/keys_list.html`, and a test holds it to this one. */
import { inField, onKeys } from "br/keys.js";

const SIDEWAYS = new Set(["ArrowLeft", "ArrowRight"]);

/**
 * @param {import("br/player.js").BrPlayer} player
 * @param {AbortSignal} signal
 */
export function playerKeys(player, signal) {
  onKeys({
    k: () => player.toggle(),
    j: () => player.skip(-10_000),
    l: () => player.skip(10_000),
    ",": () => player.step(-1),
    ".": () => player.step(1),
    "<": () => player.faster(-1),
    ">": () => player.faster(1),
    0: () => player.seek(0),
    m: () => player.mute(),
    v: () => player.pictureInPicture(),
    z: () => player.fillWindow(),
    "\\": () => player.loop(),
    ...(player.querySelector("track") ? { c: () => player.captions() } : {}),
  }, signal);
  player.addEventListener("keydown", (event) => inside(player, event), { signal });
  // Where nothing has the focus, left and right still seek; the other keys scroll the page.
  document.addEventListener("keydown", (event) => event.target === document.body && SIDEWAYS.has(event.key) && inside(player, event), { signal });
}

/** Keys that scroll or press elsewhere act only while the focus is in the player. */
function inside(player, event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
  const act = {
    " ": () => player.toggle(),
    ArrowLeft: () => player.skip(-5000),
    ArrowRight: () => player.skip(5000),
    ArrowUp: () => player.volume(0.1),
    ArrowDown: () => player.volume(-0.1),
    Home: () => player.seek(0),
    End: () => player.seek(Infinity),
  }[event.key];
  if (!act || (event.key === " " && event.target.closest("button, a"))) return;
  event.preventDefault();
  act();
}
