// The page inside of another site's bubble. The two tell each other when it opens, closes, and hears something: never a token,
// never a word that is said. Only origins that the server named are listened to.

import { isComposing } from "./composer.js";

const { embedded, origins } = document.body.dataset;
const allowed = [location.origin, ...(origins ?? "").split(" ").filter(Boolean)];
const close = document.getElementById("close");

// Where the site around this page is, once it has said so.
let around = null;

function tell(hearsay) {
  if (around) parent.postMessage({ hearsay }, around);
}

export const frame = {
  // The site may show that something came.
  said(message) {
    if (message.role !== "user") tell("said");
  },
};

if (embedded === "yes" && parent !== window) {
  close.hidden = false;
  close.addEventListener("click", () => tell("close"));
  addEventListener("keydown", event => event.key === "Escape" && !isComposing(event) && tell("close"));
  addEventListener("message", event => {
    if (event.source !== parent || !allowed.includes(event.origin) || event.data?.hearsay !== "open") return;
    around = event.origin;
    document.getElementById("message")?.focus();
  });
}
