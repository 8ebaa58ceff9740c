// Puts a chat bubble on a site: <script src="https://THIS-SERVER/embed.js" data-bot="support" async></script>
// The conversation is a page of the server's own in a frame: the site sees nothing of it, and no token passes.
(() => {
  const script = document.currentScript;
  const { origin } = new URL(script.src);
  const { bot, label = "Chat" } = script.dataset;

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "closed" });
  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { all: initial; position: fixed; z-index: 2147483000; inset: auto 1rem 1rem auto; }
    button { width: 3.5rem; height: 3.5rem; border: 0; border-radius: 50%; background: #0b5d57; cursor: pointer;
      box-shadow: 0 .25rem 1rem #0005; display: grid; place-items: center; padding: 0; position: relative; }
    button:focus-visible { outline: 3px solid #5fd0c5; outline-offset: 3px; }
    button.news::after { content: ""; position: absolute; top: 0; right: 0; width: .9rem; height: .9rem; border-radius: 50%;
      background: #d6372b; border: 2px solid #fff; }
    svg { width: 1.7rem; height: 1.7rem; fill: none; stroke: #fff; stroke-width: 2; stroke-linejoin: round; }
    iframe { position: fixed; inset: auto 1rem 5.5rem auto; width: min(24rem, calc(100vw - 2rem)); border: 0;
      height: min(40rem, calc(100dvh - 7rem)); border-radius: 1rem; box-shadow: 0 .5rem 2.5rem #0006; background: Canvas; }
    @media (max-width: 30rem) {
      iframe { inset: 0; width: 100vw; height: 100dvh; border-radius: 0; }
      iframe:not([hidden]) ~ button { display: none; } /* It would lie on the one that sends. */
    }
    [hidden] { display: none; }`);
  root.adoptedStyleSheets = [style];

  const button = document.createElement("button");
  button.type = "button";
  button.ariaLabel = button.title = label;
  button.ariaExpanded = "false";
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M4 5h16v11H11l-5 4v-4H4z");
  picture.append(path);
  button.append(picture);
  root.append(button);

  let frame = null;
  const tellOpen = () => frame.contentWindow.postMessage({ hearsay: "open" }, origin);

  function open() {
    if (!frame) {
      frame = document.createElement("iframe");
      frame.title = label;
      frame.src = `${origin}/embed${bot ? `/${encodeURIComponent(bot)}` : ""}`;
      frame.addEventListener("load", tellOpen);
      root.prepend(frame);
    } else {
      tellOpen();
    }
    frame.hidden = false;
    button.classList.remove("news");
    button.ariaExpanded = "true";
    frame.focus();
  }

  function close() {
    frame.hidden = true;
    button.ariaExpanded = "false";
    button.focus();
  }

  button.addEventListener("click", () => (frame && !frame.hidden ? close() : open()));
  addEventListener("message", event => {
    if (!frame || event.origin !== origin || event.source !== frame.contentWindow) return;
    if (event.data?.hearsay === "close") close();
    if (event.data?.hearsay === "said") button.classList.toggle("news", frame.hidden);
  });
  const show = () => document.body.append(host);
  if (document.body) show();
  else addEventListener("DOMContentLoaded", show);
})();
