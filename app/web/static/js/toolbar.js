/** A row of buttons that is one tab stop: arrows, Home and End move along it. */

/**
 * Make `bar` a toolbar.
 * @param {HTMLElement} bar holds buttons
 * @param {string} label
 * @param {AbortSignal} signal
 */
export function makeToolbar(bar, label, signal) {
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", label);
  const buttons = () => [...bar.querySelectorAll("button")].filter((button) => button.getClientRects().length && !button.disabled);
  const only = (one) => bar.querySelectorAll("button").forEach((button) => { button.tabIndex = button === one ? 0 : -1; });
  only(bar.querySelector("button"));
  bar.addEventListener("focusin", (event) => event.target.closest("button") && only(event.target.closest("button")), { signal });
  bar.addEventListener("keydown", (event) => {
    const all = buttons();
    const at = all.indexOf(event.target);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length].focus();
  }, { signal });
}
