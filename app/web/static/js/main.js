/** The page's one script: htmx with its guard, and those of our elements that the page uses. */
import "htmx";
import "hx-csp";

const ELEMENTS = [
  "blur-boxes", "copy", "draft", "keys", "live", "moment", "note-box", "note-list", "outbox", "player", "status", "timeline", "uploader",
];

/**
 * Load the elements that stand in `root`; one that is loaded already costs nothing.
 * @param {ParentNode} root
 */
function wake(root) {
  for (const name of ELEMENTS) {
    const tag = `br-${name}`;
    if (!customElements.get(tag) && (root.querySelector(tag) || root.localName === tag)) import(`br/${name}.js`);
  }
}

function sayLine() {
  const bar = document.getElementById("offline");
  if (bar) bar.hidden = navigator.onLine;
}

wake(document);
sayLine();
addEventListener("online", sayLine);
addEventListener("offline", sayLine);
document.addEventListener("htmx:after:swap", () => wake(document));
