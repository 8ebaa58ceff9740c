// Calls of the server's API, and patience: what may pass is tried again, for as long as the conversation that asks is shown.

// An answer that trying again will not change.
export class Refused extends Error {
  constructor(status, title) {
    super(title);
    this.status = status;
  }
}

// Something that may pass: no network, or a server that asks to come back in `seconds`.
class Later extends Error {
  constructor(reason, seconds) {
    super("later");
    this.reason = reason;
    this.seconds = seconds;
  }
}

const listeners = new Set();

// Calls back with "" when the server answers, else with the reason why it does not: "offline", "away", "busy", "slow".
export const onConnection = callback => listeners.add(callback);

function tell(state) {
  for (const listener of listeners) listener(state);
}

// A request with the headers of ours; throws `Refused` or `Later` unless the answer is good.
export async function send(method, path, { token, body, headers, signal, keepalive } = {}) {
  const all = { ...headers };
  if (token) all.Authorization = `Bearer ${token}`;
  if (body) all["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers: all, body: body && JSON.stringify(body), signal, keepalive, cache: "no-store" });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Later("offline", 0);
  }
  if (response.ok) return response;
  const { status } = response;
  const problem = await problemOf(response);
  // 404: the page is there, so that its bot was; it may be on its way back, as that of a conversation that has begun.
  const isAway = status === 404 || problem.type?.endsWith(":bot-away");
  if (status >= 500 || [404, 408, 425, 429].includes(status)) {
    const reason = isAway ? "away" : status === 429 ? "slow" : "busy";
    throw new Later(reason, Number(response.headers.get("Retry-After")) || 0);
  }
  throw new Refused(status, problem.detail || problem.title || response.statusText || String(status));
}

async function problemOf(response) {
  try {
    return await response.json() ?? {};
  } catch {
    return {};
  }
}

// Does `work` until it is done; waits longer and longer in between, but tries at once when the network is back.
export async function patiently(signal, work) {
  for (let attempt = 0; ; attempt++) {
    try {
      const done = await work();
      tell("");
      return done;
    } catch (error) {
      if (!(error instanceof Later)) throw error;
      tell(error.reason);
      await pause(waitFor(error, attempt), signal, "online");
    }
  }
}

// One call whose answer is JSON, made until it is answered.
export function call(method, path, options) {
  return patiently(options.signal, async () => json(await send(method, path, options), options.signal));
}

async function json(response, signal) {
  try {
    return await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    // It was cut off, or it is not the server's but that of somebody in between, who wants people to log in first.
    throw new Later("offline", 0);
  }
}

// Milliseconds: what the server asks for, else half of 1, 2, 4 … 30 seconds and up to half of it by chance, so that not all come
// back at once.
function waitFor({ seconds }, attempt) {
  const most = seconds ? Math.min(seconds, 300) : Math.min(2 ** attempt, 30);
  return seconds ? most * (1000 + Math.random() * 200) : most * (500 + Math.random() * 500);
}

// Waits, but not longer when the window gets the event `wake`; throws when the conversation is left.
export function pause(milliseconds, signal, wake) {
  return new Promise((resolve, reject) => {
    const end = new AbortController();
    const stop = () => {
      clearTimeout(timer);
      end.abort();
    };
    const timer = setTimeout(() => { stop(); resolve(); }, milliseconds);
    if (wake) addEventListener(wake, () => { stop(); resolve(); }, { signal: end.signal });
    signal?.addEventListener("abort", () => { stop(); reject(signal.reason); }, { signal: end.signal });
    if (signal?.aborted) { stop(); reject(signal.reason); }
  });
}

addEventListener("offline", () => tell("offline"));
