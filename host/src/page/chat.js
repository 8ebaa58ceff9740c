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

// The conversation that is shown: its session and token, the signal that ends all work for it, what was heard and not shown yet,
// and the number up to which it is known what the bot expects.
let now;
enter({ session: null, token: null });

function enter({ session, token }) {
  now?.leave.abort(new DOMException("the conversation was left", "AbortError"));
  now = { session, token, leave: new AbortController(), heard: [], isShowing: false, isSending: false, known: 0 };
  return now;
}

const ask = path => call("GET", path, { token: now.token, signal: now.leave.signal });

// Begins a conversation, or gets the one that another tab has begun under the same key.
async function begin() {
  const here = enter({ session: null, token: null });
  const earlier = kept.get("key");
  const key = earlier ?? newId();
  kept.set("key", key);
  const options = { body: { bot }, headers: { "Idempotency-Key": key }, signal: here.leave.signal };
  let opened;
  try {
    opened = await call("POST", "/api/session", options);
  } catch (error) {
    if (!earlier || error.status !== 422) throw error;
    // What was begun under that key has ended.
    kept.drop("key");
    return start(begin);
  }
  [here.session, here.token] = [opened.session_id, opened.token];
  kept.set("conversation", { session: here.session, token: here.token });
  kept.drop("key");
  listen(here, opened.messages.at(-1)?.seq ?? 0);
  await answered(here, opened);
  flush(here);
}

// Goes on with the conversation that this browser has.
async function resume(conversation) {
  const here = enter(conversation);
  const page = await ask(`/api/chat?before=${END}&limit=${PAGE}`);
  log.prepend(page.messages);
  here.known = log.last();
  expect(here, page.expects, page.messages.at(-1));
  listen(here, log.last());
  if (log.first() > 1) log.whenAtTop(loadEarlier, here.leave.signal);
  flush(here);
}

// Resolves to whether there are still older ones.
async function loadEarlier() {
  const page = await ask(`/api/chat?before=${log.first()}&limit=${PAGE}`);
  log.prepend(page.messages);
  return page.messages.length > 0 && log.first() > 1;
}

// Follows the stream. A message that no answer of ours brings was said in another tab.
function listen(here, last) {
  const take = (message, isLive) => hear(here, [{ message, isLive }]).then(() => catchUp(here)).catch(quietly);
  run(here, () => follow({ token: here.token, last, take, signal: here.leave.signal }));
}

// Shows what the server answered, then what it expects. A password's place is there before the bot has made its pauses: what is
// typed in the meantime shall not be typed into another.
async function answered(here, { messages, expects }) {
  if (expects?.kind === "password") expect(here, expects, null);
  await hear(here, messages.map(message => ({ message, isLive: true })));
  here.known = Math.max(here.known, messages.at(-1)?.seq ?? 0);
  expect(here, expects, messages.at(-1) ?? null);
}

// Shows messages in order; those that are live each after the pause that the bot makes before it. Resolves when nothing is left.
async function hear(here, messages) {
  here.heard.push(...messages);
  if (here.isShowing) return here.showing;
  here.isShowing = true;
  return here.showing = showAll(here);
}

async function showAll(here) {
  try {
    for (let next; (next = here.heard.shift());) {
      const { message, isLive } = next;
      if (log.has(message.seq)) {
        log.correct(message);
        continue;
      }
      if (isLive && message.delay_ms) {
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

// Asks what is expected now, if messages came that no answer to us brought.
function catchUp(here) {
  if (here !== now || here.isSending || log.last() <= here.known) return;
  clearTimeout(here.timer);
  here.timer = setTimeout(() => run(here, () => askAgain(here)), 100);
}

async function askAgain(here) {
  const last = log.last();
  const page = await ask(`/api/chat?after=${last}&limit=1`);
  if (here.isSending || page.messages.length > 0) return;
  here.known = last;
  expect(here, page.expects);
}

function expect(here, expects, latest = here.latest) {
  here.latest = latest;
  const isBot = latest?.role === "assistant";
  const wrong = isBot && Boolean(expects?.hint) && latest.content === expects.hint;
  composer.ask(expects, isBot ? latest.suggestions : [], wrong);
}

function speak(message, secret) {
  log.pend(outbox.put(now.session, message, secret));
  flush(now);
}

// Sends what is in the outbox, one by one.
async function flush(here) {
  if (here.isSending || !here.token) return;
  outbox.claim(here.session);
  const items = outbox.items(here.session);
  if (items.length === 0) return;
  here.isSending = true;
  items.forEach(log.pend);
  await run(here, async () => {
    for (let item; (item = outbox.items(here.session)[0]);) {
      log.typing(true);
      await deliver(here, item);
    }
  }).finally(() => {
    here.isSending = false;
    if (here !== now) return;
    log.typing(false);
    catchUp(here);
  });
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
  // The replies follow the message that they answer. Where there is none, the stream tells its number.
  log.confirm(message_id, first && first.seq - 1);
  await answered(here, answer);
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
  const other = kept.get("conversation");
  if (other && other.session !== now.session) return show(other, words.over);
  kept.drop("conversation");
  const [unsent] = giveUp();
  log.restart(words.over);
  composer.ask(null);
  if (unsent && !unsent.secret) composer.restore(unsent.message);
  await start(begin);
}

// What still waits was said to the conversation that is left: it stays there, marked as not sent.
function giveUp() {
  log.failPending(words.ended);
  return outbox.leave(now.session);
}

// The person wants another conversation. The one that is left ends; if that call gets lost, it expires by itself.
function restart() {
  const { session, token } = now;
  outbox.leave(session);
  kept.set("key", newId());
  kept.drop("conversation");
  log.restart();
  composer.ask(null);
  composer.focus();
  start(begin);
  if (token) send("DELETE", "/api/session", { token, keepalive: true }).catch(() => {});
}

// Another tab has begun a conversation: shows it, and says why. If this tab was about to begin one, it is the one that was meant.
function show(conversation, why) {
  if (now.session) {
    giveUp();
    log.restart(why);
  }
  composer.ask(null);
  return start(() => resume(conversation));
}

async function start(work) {
  tell("");
  const running = work();
  await run(now, () => running);
}

// The place of it is always there, so that screen readers notice what is written into it.
function tell(text) {
  if (status.textContent !== text) status.textContent = text;
}

onConnection(state => {
  tell(state && words[state]);
  if (state) log.typing(false);
  else flush(now);
});
// The line is back: a call tells whether the server is, too.
addEventListener("online", () => now.token && run(now, () => askAgain(now)));
kept.watch("conversation", other => other && other.session !== now.session && show(other, words.elsewhere));
composer.onSay(speak);
document.getElementById("new").addEventListener("click", restart);
fillWords();
composer.ask(null);
composer.focus();
const conversation = kept.get("conversation");
start(conversation ? () => resume(conversation) : begin);
