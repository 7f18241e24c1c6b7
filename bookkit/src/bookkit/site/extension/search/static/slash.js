/* Whether the key `/` leads to the search. Who dictates, or whose hands tremble, presses
 * single keys without meaning to: the page of the search turns it off. */
const SLASH_KEY = "bookkit-slash";

function isSlashOn() {
  try {
    return localStorage.getItem(SLASH_KEY) !== "off";
  } catch {
    return false; /* What cannot be turned off is off. */
  }
}
