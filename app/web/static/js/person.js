/** Who sits here, and what this device may keep for them. */

/**
 * The signed-in person's id, so that nothing kept here is ever shown to or sent for somebody else.
 * @returns {string}
 */
export function personId() {
  return document.querySelector('meta[name="person-id"]')?.content ?? "";
}

/**
 * True on a computer that others use too: nothing typed stays on it.
 * @returns {boolean}
 */
export function onSharedComputer() {
  return document.querySelector("[data-shared-computer]") !== null;
}

/**
 * Keep a small setting of this person on this device.
 * @param {string} name
 * @param {string | number | boolean} value
 */
export function remember(name, value) {
  try {
    (onSharedComputer() ? sessionStorage : localStorage).setItem(keyOf(name), String(value));
  } catch {
    // Storage is full or switched off: the setting holds until the page is left.
  }
}

/**
 * A setting kept earlier, or null.
 * @param {string} name
 * @returns {string | null}
 */
export function recall(name) {
  try {
    return (onSharedComputer() ? sessionStorage : localStorage).getItem(keyOf(name));
  } catch {
    return null;
  }
}

function keyOf(name) {
  return `backrow.${personId()}.${name}`;
}
