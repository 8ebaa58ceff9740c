// The log: the messages of a conversation in the order of their numbers, then what is not sent yet. What people say goes into it
// as text; what the bot says as the HTML that the server made of it.

import { dayOf, timeOf, words } from "./words.js";

const [view, earlier, typing, latest] = ["log", "earlier", "typing", "latest"].map(id => document.getElementById(id));
const botName = document.querySelector("h1").textContent;

// The list of what is said now, and the first list of the conversation: each page of older messages is one of its own. Above may be
// conversations that have ended.
let list = newList();
let top = list;
// By number, and by id.
let shown = new Map();
let pending = new Map();
// Whether the reader is at the end, and wants to stay there.
let stuck = true;

function newList(before = typing) {
  const list = document.createElement("ol");
  before.before(list);
  return list;
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}

function bubble(role, text, html) {
  const item = element("li", role === "user" ? "user" : "bot");
  item.append(element("span", "unseen", role === "user" ? words.you : `${botName}: `));
  const body = element("div", "text");
  body.dir = "auto";
  if (html === undefined) body.textContent = text;
  else body.innerHTML = html;
  for (const table of body.querySelectorAll("table, pre")) table.tabIndex = 0;
  item.append(body);
  return item;
}

function date(item, timestamp) {
  const said = new Date(timestamp);
  const time = element("time", "", timeOf(said));
  time.dateTime = timestamp;
  item.append(time);
  item.dataset.date = said.toDateString();
}

// A day is told once, above its first message; today only where another comes before it.
function markDays(...items) {
  for (const item of items) {
    if (!item?.dataset.date) continue;
    const { date } = item.dataset;
    const before = (item.previousElementSibling ?? item.parentElement.previousElementSibling?.lastElementChild)?.dataset.date;
    const isFirst = before !== date && Boolean(before || date !== today);
    item.classList.toggle("first", isFirst);
    if (isFirst) item.dataset.day = dayOf(new Date(date));
  }
}

// The day that the marks were made for.
let today = new Date().toDateString();
function turnDay() {
  if (today === new Date().toDateString()) return;
  today = new Date().toDateString();
  markDays(...view.querySelectorAll("li[data-date]"));
}

// Puts a message where it belongs in the list of what is said now.
function place(item, seq) {
  item.dataset.seq = seq;
  delete item.dataset.text;
  shown.set(seq, item);
  let after = list.lastElementChild;
  while (after && !(Number(after.dataset.seq) < seq)) after = after.previousElementSibling;
  // What stands right is not moved: a screen reader would read it again.
  if ((after ? after.nextElementSibling : list.firstElementChild) !== item) {
    if (after) after.after(item);
    else list.prepend(item);
  }
  markDays(item, item.nextElementSibling);
}

function toEnd() {
  view.scrollTop = view.scrollHeight;
}

// After something was added at the end. Scrolling lays the page out: once a frame, not once a message.
let willFollow = 0;
function follow(force) {
  if (force) stuck = true;
  willFollow ||= requestAnimationFrame(() => {
    willFollow = 0;
    if (stuck) toEnd();
    latest.hidden = stuck;
  });
}

export const log = {
  has: seq => shown.has(seq),
  first: () => Math.floor(top.querySelector("[data-seq]")?.dataset.seq ?? 0),
  last: () => Math.max(0, ...[list, top].map(({ lastElementChild: last }) => {
    while (last && !last.dataset.seq) last = last.previousElementSibling;
    return Math.floor(last?.dataset.seq ?? 0);
  })),

  // Shows a message; one that is there already stays as it is.
  show(message) {
    if (shown.has(message.seq)) return;
    turnDay();
    const item = adopt(message) ?? bubble(message.role, message.content, message.html);
    date(item, message.timestamp);
    place(item, message.seq);
    follow(false);
  },

  // What the server wrote down of what this tab sent may be less than what was typed: a password that nobody had asked for yet.
  correct({ seq, role, content }) {
    const text = role === "user" && shown.get(seq).querySelector(".text");
    if (text && text.textContent !== content) text.textContent = content;
  },

  // Shows older messages above, and keeps before the reader's eyes what is there. A screen reader is not told of them.
  prepend(messages) {
    const fromEnd = view.scrollHeight - view.scrollTop;
    view.setAttribute("aria-live", "off");
    const next = top;
    const page = top = newList(top);
    for (const message of messages.filter(({ seq }) => !shown.has(seq))) {
      const item = bubble(message.role, message.content, message.html);
      date(item, message.timestamp);
      item.dataset.seq = message.seq;
      shown.set(message.seq, item);
      page.append(item);
    }
    markDays(...page.children, next.firstElementChild);
    if (stuck) toEnd();
    else view.scrollTop = view.scrollHeight - fromEnd;
    requestAnimationFrame(() => view.setAttribute("aria-live", "polite"));
  },

  // Shows what is about to be sent. A secret is never shown.
  pend({ message_id, message, secret }) {
    if (pending.has(message_id)) return;
    const item = bubble("user", secret ? "••••••••" : message);
    item.classList.add("pending");
    item.dataset.text = message;
    if (secret) delete item.dataset.text;
    item.append(element("small", "state", words.waiting));
    pending.set(message_id, item);
    list.append(item);
    follow(true);
  },

  // The server has it, as message `seq` if that is known.
  confirm(message_id, seq) {
    const item = pending.get(message_id);
    if (!item) return;
    settle(item);
    if (!seq) return;
    pending.delete(message_id);
    if (shown.has(seq)) item.remove();
    else {
      date(item, new Date().toISOString());
      place(item, seq);
    }
  },

  // What waits will not be sent.
  failPending(why) {
    for (const [id, item] of pending) if (item.matches(".pending")) this.fail(id, why);
  },

  // The server does not want it.
  fail(message_id, why) {
    const item = pending.get(message_id);
    if (!item) return;
    pending.delete(message_id);
    settle(item);
    item.classList.add("failed");
    delete item.dataset.text;
    // It stays behind what was said before it.
    item.dataset.seq = this.last() + 0.5;
    item.append(element("small", "state", words.unsent + why));
  },

  typing(is) {
    typing.hidden = !is;
    if (is) follow(false);
  },

  // Forgets everything, or begins a new list below with a word why.
  restart(why) {
    for (const item of pending.values()) if (item.matches(".pending")) item.remove();
    [shown, pending] = [new Map(), new Map()];
    if (why) typing.before(element("p", "notice", why));
    else for (const old of view.querySelectorAll("ol, .notice")) old.remove();
    top = list = newList();
    this.typing(false);
    follow(true);
  },

  // Calls `load` when the reader comes near the beginning, for as long as it returns true.
  whenAtTop(load, signal) {
    let busy = false;
    const look = new IntersectionObserver(async entries => {
      if (busy || !entries.at(-1).isIntersecting) return;
      busy = true;
      const more = await load().catch(() => false);
      busy = false;
      earlier.hidden = !more;
      look.unobserve(earlier);
      if (more) look.observe(earlier);
    }, { root: view, rootMargin: "800px 0px 0px 0px" });
    earlier.hidden = false;
    look.observe(earlier);
    signal.addEventListener("abort", () => { look.disconnect(); earlier.hidden = true; });
  },
};

function settle(item) {
  item.classList.remove("pending");
  item.querySelector(".state")?.remove();
}

// What another message of the stream is in fact: the first one of ours that waits, with the same words.
function adopt(message) {
  if (message.role !== "user") return null;
  const [found] = [...pending].filter(([, item]) => (item.dataset.text ?? "••••••••") === message.content);
  if (!found) return null;
  const [id, item] = found;
  pending.delete(id);
  settle(item);
  return item;
}

// Only who scrolls up leaves the end: when choices come up below, the log is shortened, and that is no wish of anybody's.
let height = 0;
view.addEventListener("scroll", () => {
  if (view.scrollHeight - view.scrollTop - view.clientHeight < 60) stuck = true;
  else if (view.scrollTop < height) stuck = false;
  height = view.scrollTop;
  if (stuck) latest.hidden = true;
}, { passive: true });
latest.addEventListener("click", () => follow(true));
document.addEventListener("visibilitychange", turnDay);
// A keyboard that comes up, or a picture of text that gets its true height, must not hide the end.
const sizes = new ResizeObserver(() => stuck && toEnd());
sizes.observe(view);
sizes.observe(typing);
