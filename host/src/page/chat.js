// The chat page: one conversation with the bot that the server wrote into the body. What it keeps in this
// browser, per bot: the token, and the message under way, so that a reload sends the same message_id again
// instead of saying a thing twice. Whatever a bot says goes into the page as text, never as markup.

const bot = document.body.dataset.bot;
const part = id => document.getElementById(id);
const [log, choices, composer, input, send, status, problem, hint] =
  ["log", "choices", "composer", "message", "send", "status", "problem", "hint"].map(part);

const TEXTS = {
  en: {
    new: "New conversation", message: "Your message", send: "Send", log: "Conversation", choices: "Suggested answers",
    yes: "Yes", no: "No", thinking: "…", you: "You: ", ended: "This conversation has ended.",
    offline: "The server cannot be reached.", again: seconds => `Trying again in ${seconds} s.`,
  },
  pt: {
    new: "Nova conversa", message: "Sua mensagem", send: "Enviar", log: "Conversa", choices: "Respostas sugeridas",
    yes: "Sim", no: "Não", thinking: "…", you: "Você: ", ended: "Esta conversa terminou.",
    offline: "Não foi possível falar com o servidor.", again: seconds => `Nova tentativa em ${seconds} s.`,
  },
  es: {
    new: "Nueva conversación", message: "Tu mensaje", send: "Enviar", log: "Conversación", choices: "Respuestas sugeridas",
    yes: "Sí", no: "No", thinking: "…", you: "Tú: ", ended: "Esta conversación ha terminado.",
    offline: "No se puede contactar con el servidor.", again: seconds => `Nuevo intento en ${seconds} s.`,
  },
};
const texts = TEXTS[document.documentElement.lang.slice(0, 2).toLowerCase()] ?? TEXTS.en;

const kept = {
  get: name => localStorage.getItem(`hearsay.${bot}.${name}`),
  set: (name, value) => localStorage.setItem(`hearsay.${bot}.${name}`, value),
  drop: (...names) => names.forEach(name => localStorage.removeItem(`hearsay.${bot}.${name}`)),
};

// The number of the conversation shown. An answer that comes back for an older one is thrown away.
let conversation = 0;
let lastSeq = 0;
let busy = false;

class Refused extends Error {
  constructor(response, title) {
    super(title);
    this.status = response.status;
  }
}

const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

function say(place, text) {
  place.textContent = text ?? "";
  place.hidden = !text;
}

// One call of the API. Throws `Refused` for an answer that trying again will not change. What may pass
// (no network, 429, 503) is tried again for as long as this conversation is the one shown.
async function call(method, path, body, headers = {}) {
  const mine = conversation;
  for (let attempt = 0; ; attempt++) {
    let response = null;
    try {
      response = await fetch(path, { method, headers: { ...authority(), ...headers, ...json(body) }, body: body && JSON.stringify(body) });
      if (response.ok) {
        const answer = await response.json();
        if (mine !== conversation) throw new Refused({ status: 0 }, "");
        say(problem);
        say(status);
        return answer;
      }
    } catch (error) {
      if (error instanceof Refused) throw error;
      response = null;
    }
    const title = response ? await titleOf(response) : texts.offline;
    if (response && response.status !== 429 && response.status !== 503) throw new Refused(response, title);
    const seconds = waitFor(response, attempt);
    say(problem, title);
    say(status, texts.again(seconds));
    await pause(seconds * 1000);
    if (mine !== conversation) throw new Refused({ status: 0 }, title);
  }
}

function authority() {
  const token = kept.get("token");
  return token ? { Authorization: `Bearer ${token}` } : {};
}

function json(body) {
  return body ? { "Content-Type": "application/json" } : {};
}

async function titleOf(response) {
  try {
    return (await response.json()).title || response.statusText;
  } catch {
    return response.statusText || String(response.status);
  }
}

// Seconds until the next attempt: what the server asks for, else 1, 2, 4 … 30.
function waitFor(response, attempt) {
  const asked = Number(response?.headers.get("Retry-After"));
  return asked > 0 ? Math.min(asked, 300) : Math.min(2 ** attempt, 30);
}

function show(message) {
  if (message.seq <= lastSeq) return;
  lastSeq = message.seq ?? lastSeq;
  const line = document.createElement("li");
  line.className = message.role;
  if (message.role === "user") {
    const who = document.createElement("span");
    who.className = "unseen";
    who.textContent = texts.you;
    line.append(who);
  }
  line.append(message.content);
  log.append(line);
  log.scrollTop = log.scrollHeight;
}

// Shows what the bot said, with the pauses it asked for, then what it waits for.
async function showTurn({ messages, expects }) {
  const mine = conversation;
  for (const message of messages) {
    if (message.delay_ms) {
      say(status, texts.thinking);
      await pause(message.delay_ms);
      if (mine !== conversation) return;
      say(status);
    }
    show(message);
  }
  await ask(messages.at(-1)?.suggestions ?? [], expects);
}

// Fits the composer to the answer that is expected.
function ask(suggestions, expects) {
  const kind = expects?.kind ?? "text";
  input.inputMode = { integer: "numeric", number: "decimal" }[kind] ?? "text";
  say(hint, expects?.hint);
  const offers = suggestions.map(({ text, label }) => [text, label ?? text]);
  for (const choice of expects?.choices ?? []) {
    if (!offers.some(([text]) => text === choice)) offers.push([choice, choice]);
  }
  if (kind === "boolean" && offers.length === 0) offers.push([texts.yes, texts.yes], [texts.no, texts.no]);
  choices.replaceChildren(...offers.map(([text, label]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => speak(text));
    return button;
  }));
  choices.hidden = offers.length === 0;
  log.scrollTop = log.scrollHeight;
}

function setBusy(value) {
  busy = value;
  for (const button of [send, ...choices.children]) button.setAttribute("aria-disabled", String(value));
}

// Runs one exchange at a time and says what went wrong with it.
async function exchange(work) {
  if (busy) return;
  const mine = conversation;
  setBusy(true);
  say(problem);
  try {
    await work();
  } catch (error) {
    if (mine !== conversation) return;
    if (!(error instanceof Refused)) throw error;
    if (error.status === 401) return ended();
    kept.drop("pending");
    say(problem, error.message);
  } finally {
    if (mine === conversation) setBusy(false);
  }
}

// Sends a message; the same one again and again until the server has it.
async function deliver(pending) {
  kept.set("pending", JSON.stringify(pending));
  const turn = await call("POST", "/api/chat", pending);
  kept.drop("pending");
  return turn;
}

function speak(text) {
  if (busy || !text.trim()) return;
  exchange(async () => {
    show({ role: "user", content: text });
    say(hint);
    choices.hidden = true;
    input.value = "";
    input.focus();
    await showTurn(await deliver({ message: text, message_id: newId() }));
  });
}

// 128 random bits; crypto.randomUUID is not there on plain http.
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");
}

async function history() {
  const pending = kept.get("pending");
  if (pending) await deliver(JSON.parse(pending));
  let page, last;
  do {
    page = await call("GET", `/api/chat?after=${lastSeq}`);
    page.messages.forEach(show);
    last = page.messages.at(-1) ?? last;
  } while (page.messages.length > 0);
  ask(last?.suggestions ?? [], page.expects);
}

async function begin() {
  // The same key when a first attempt got lost, so that no session is made twice.
  const session = await call("POST", "/api/session", { bot }, { "Idempotency-Key": newKey });
  kept.set("token", session.token);
  await showTurn(session);
}
let newKey = newId();

function clear() {
  conversation++;
  lastSeq = 0;
  newKey = newId();
  log.replaceChildren();
  choices.replaceChildren();
  for (const place of [status, problem, hint]) say(place);
  composer.hidden = false;
  setBusy(false);
}

// The token is no longer good: the log stays readable, and one button leads on.
function ended() {
  kept.drop("token", "pending");
  composer.hidden = true;
  say(hint);
  show({ role: "system", content: texts.ended });
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = texts.new;
  button.addEventListener("click", restart);
  choices.replaceChildren(button);
  choices.hidden = false;
  button.focus();
}

function restart() {
  const headers = authority();
  kept.drop("token", "pending");
  clear();
  // Nothing depends on the answer: a session that is not ended here expires by itself.
  if (headers.Authorization) fetch("/api/session", { method: "DELETE", headers, keepalive: true }).catch(() => {});
  exchange(begin);
  input.focus();
}

for (const element of document.querySelectorAll("[data-text]")) element.textContent = texts[element.dataset.text];
for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", texts[element.dataset.label]);
composer.addEventListener("submit", event => {
  event.preventDefault();
  speak(input.value);
});
part("new").addEventListener("click", restart);
exchange(kept.get("token") ? history : begin);
input.focus();
