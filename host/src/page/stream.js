// The stream of a conversation's messages: server-sent events, read with fetch so that the token stays in a header. It is begun
// again where it broke off, for as long as the page can be seen: a browser opens few connections to one server, and a hidden tab
// catches up when it is looked at.

import { patiently, pause, send } from "./api.js";

// The server says something every 15 seconds; after this long the connection is dead.
const SILENCE = 40_000;
// How long a hidden page goes on listening.
const HIDDEN = 60_000;
// What comes this soon after the beginning was said before it.
const PAST = 1_000;

// Calls `take` with each message behind number `last`, and whether it was said just now, until `signal` aborts. Throws what the
// server refuses.
export async function follow({ token, last, take, signal }) {
  let number = last;
  for (;;) {
    await whenVisible(signal);
    const connection = new AbortController();
    const stop = () => connection.abort();
    signal.addEventListener("abort", stop);
    const unwatch = stopWhenHidden(stop);
    try {
      const response = await patiently(signal, () =>
        send("GET", "/api/chat/events", { token, headers: { "Last-Event-ID": String(number) }, signal: connection.signal }));
      const begun = performance.now();
      for await (const message of events(response.body, stop)) {
        number = message.seq;
        take(message, performance.now() - begun > PAST);
      }
    } catch (error) {
      if (signal.aborted || error.status) throw error;
    } finally {
      unwatch();
      signal.removeEventListener("abort", stop);
      connection.abort();
    }
    // The server stops, or the line broke: come back soon, but not all at once.
    await pause(200 + Math.random() * 800, signal);
  }
}

// The messages of a body of events. Comments, and events that are none of ours, are passed over.
async function* events(body, stop) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const timer = setTimeout(stop, SILENCE);
    const { value, done } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    const parts = (text + value).split("\n\n");
    text = parts.pop();
    for (const part of parts) {
      const lines = part.split("\n");
      const data = lines.filter(line => line.startsWith("data:")).map(line => line.slice(5).trimStart());
      if (lines.includes("event: message") && data.length > 0) yield JSON.parse(data.join("\n"));
    }
  }
}

function whenVisible(signal) {
  return new Promise((resolve, reject) => {
    if (!document.hidden) return resolve();
    const look = new AbortController();
    document.addEventListener("visibilitychange", () => { look.abort(); resolve(); }, { signal: look.signal });
    signal.addEventListener("abort", () => { look.abort(); reject(signal.reason); }, { signal: look.signal });
  });
}

// Stops a while after the page was hidden, unless it is shown again; at once when it is left, for a browser may keep it as it is, to
// come back to it, and its connection with it. Returns how to stop watching.
function stopWhenHidden(stop) {
  const watch = new AbortController();
  let timer;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(stop, HIDDEN);
  }, { signal: watch.signal });
  addEventListener("pagehide", stop, { signal: watch.signal });
  return () => {
    clearTimeout(timer);
    watch.abort();
  };
}
