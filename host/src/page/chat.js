// The chat page: one conversation with the bot that the server wrote into the body. It is begun or gone on with, followed over the
// stream of events, and spoken into through the outbox. All tabs of a bot show the same one.

import { call, onConnection, pause, Refused, send } from "./api.js";
import { composer } from "./composer.js";
import { frame } from "./frame.js";
import { kept, newId } from "./kept.js";
import { log } from "./log.js";
import { outbox } from "./outbox.js";
import { follow } from "./stream.js";
import { fillWords, words } from "./words.js";

const bot = document.body.dataset.bot;
const status = document.getElementById("status");

// Messages that are read at once when older ones are wanted.
const PAGE = 100;
// A number behind all others.
const END = Number.MAX_SAFE_INTEGER;

// The conversation that is shown: its token, the signal that ends all work for it, and what was heard and not shown yet.
let now = { token: null, leave: new AbortController(), heard: [], isShowing: false, isSending: false };

function enter(token) {
  now.leave.abort(new DOMException("the conversation was left", "AbortError"));
  now = { token, leave: new AbortController(), heard: [], isShowing: false, isSending: false };
  return now;
}

const ask = (path, more) => call("GET", path, { token: now.token, signal: now.leave.signal, ...more });

// Begins a conversation, or gets the one that another tab has begun under the same key.
async function begin() {
  const here = enter(null);
  const key = kept.get("key") ?? newId();
  kept.set("key", key);
  const opened = await call("POST", "/api/session", {
    body: { bot }, headers: { "Idempotency-Key": key }, signal: here.leave.signal,
  });
  here.token = opened.token;
  kept.set("token", opened.token);
  kept.drop("key");
  listen(here, opened.messages.at(-1)?.seq ?? 0);
  await hear(here, opened.messages);
  expect(here, opened.expects);
  flush(here);
}

// Goes on with the conversation that this browser has.
async function resume(token) {
  const here = enter(token);
  const page = await ask(`/api/chat?before=${END}&limit=${PAGE}`);
  log.prepend(page.messages);
  expect(here, page.expects, page.messages.at(-1));
  listen(here, log.last());
  if (page.messages.length === PAGE) log.whenAtTop(loadEarlier, here.leave.signal);
  flush(here);
}

async function loadEarlier() {
  const page = await ask(`/api/chat?before=${log.first()}&limit=${PAGE}`);
  log.prepend(page.messages);
  return page.messages.length === PAGE;
}

// Follows the stream. A message that no answer of ours brings was said in another tab.
function listen(here, last) {
  const take = message => hear(here, [message]).then(() => here.isSending || catchUp(here)).catch(quietly);
  run(here, () => follow({ token: here.token, last, take, signal: here.leave.signal }));
}

// Shows messages in order, each after the pause that the bot makes before it. Resolves when nothing is left to show.
async function hear(here, messages) {
  here.heard.push(...messages);
  if (here.isShowing) return here.showing;
  here.isShowing = true;
  return here.showing = showAll(here);
}

async function showAll(here) {
  try {
    for (let message; (message = here.heard.shift());) {
      if (log.has(message.seq)) continue;
      if (message.delay_ms) {
        log.typing(true);
        await pause(message.delay_ms, here.leave.signal);
      }
      log.typing(here.isSending && message.role === "user");
      log.show(message);
      here.latest = message;
      frame.said(message);
    }
  } finally {
    here.isShowing = false;
  }
}

// What is expected now, after messages that came without an answer to us.
async function catchUp(here) {
  clearTimeout(here.timer);
  here.timer = setTimeout(() => run(here, async () => {
    const page = await ask(`/api/chat?after=${log.last()}&limit=1`);
    if (!here.isSending && page.messages.length === 0) expect(here, page.expects);
  }), 100);
}

function expect(here, expects, latest = here.latest) {
  here.latest = latest;
  const isBot = latest?.role === "assistant";
  const wrong = isBot && Boolean(expects?.hint) && latest.content === expects.hint;
  composer.ask(expects, isBot ? latest.suggestions : [], wrong);
}

function speak(message, secret) {
  const item = outbox.put(message, secret);
  log.pend(item);
  flush(now);
}

// Sends what is in the outbox, one by one.
async function flush(here) {
  if (here.isSending || !here.token) return;
  here.isSending = true;
  for (const item of outbox.items()) log.pend(item);
  await run(here, async () => {
    for (let item; (item = outbox.items()[0]);) {
      log.typing(true);
      await deliver(here, item);
    }
  });
  here.isSending = false;
  if (here === now) log.typing(false);
}

async function deliver(here, { message_id, message }) {
  const options = { token: here.token, body: { message, message_id }, signal: here.leave.signal };
  let answer;
  try {
    answer = await call("POST", "/api/chat", options);
  } catch (error) {
    if (!(error instanceof Refused) || error.status === 401) throw error;
    outbox.take(message_id);
    log.fail(message_id, error.message);
    return;
  }
  outbox.take(message_id);
  const [first] = answer.messages;
  // The replies follow the message that they answer.
  log.confirm(message_id, first && first.seq - 1);
  await hear(here, answer.messages);
  expect(here, answer.expects, answer.messages.at(-1) ?? here.latest);
}

// Runs work of a conversation; what goes wrong with it is told once, and nothing of it matters when the conversation was left.
async function run(here, work) {
  try {
    await work();
  } catch (error) {
    if (here !== now || here.leave.signal.aborted) return;
    if (error.status === 401) await over();
    else if (error instanceof Refused) tell(error.message);
    else throw error;
  }
}

function quietly(error) {
  if (error.name !== "AbortError") throw error;
}

// The token is no longer good. Another tab may have begun anew already; else this one does, and says so.
async function over() {
  const other = kept.get("token");
  if (other && other !== now.token) return show(other);
  kept.drop("token");
  const [unsent] = outbox.items();
  outbox.clear();
  log.restart(words.over);
  composer.ask(null);
  if (unsent && !unsent.secret) composer.restore(unsent.message);
  await start(begin);
}

// The person wants another conversation. The one that is left ends; if that call gets lost, it expires by itself.
function restart() {
  const token = now.token;
  outbox.clear();
  kept.set("key", newId());
  kept.drop("token");
  log.restart();
  composer.ask(null);
  composer.focus();
  start(begin);
  if (token) send("DELETE", "/api/session", { token, keepalive: true }).catch(() => {});
}

// Another tab has left this conversation: shows the one that it has begun.
function show(token) {
  log.restart(words.over);
  composer.ask(null);
  return start(() => resume(token));
}

async function start(work) {
  tell("");
  const running = work();
  await run(now, () => running);
}

function tell(text) {
  status.textContent = text;
  status.hidden = !text;
}

onConnection(state => {
  tell(state && words[state]);
  if (state) log.typing(false);
});
kept.watch("token", token => token && token !== now.token && show(token));
composer.onSay(speak);
document.getElementById("new").addEventListener("click", restart);
fillWords();
composer.ask(null);
composer.focus();
const token = kept.get("token");
start(token ? () => resume(token) : begin);
