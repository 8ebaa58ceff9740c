// What the person said and the server does not have yet. It goes out one by one, in order, each under an id of its own: sent
// twice, by a reload or by another tab, it still counts once. Each belongs to the conversation in which it was said; what is said
// before that has begun has none yet. Each is kept for itself, so that two tabs cannot overwrite each other's.

import { kept, newId } from "./kept.js";

const PLACE = "outbox.";

// A secret is never written down, and what the browser has no room for cannot be: a reload forgets it.
let unwritten = [];

const isItem = item => typeof item?.message === "string" && typeof item.message_id === "string";

function all() {
  const written = kept.names(PLACE).map(kept.get).filter(isItem);
  return [...written, ...unwritten].sort((one, other) => one.at - other.at);
}

function put(item) {
  if (item.secret || !kept.set(PLACE + item.message_id, item)) unwritten.push(item);
}

function take(id) {
  kept.drop(PLACE + id);
  unwritten = unwritten.filter(item => item.message_id !== id);
}

export const outbox = {
  take,

  // What waits in a conversation, in the order in which it was said.
  items: session => all().filter(item => item.session === session),

  put(session, message, secret) {
    const item = { session, message, message_id: newId(), at: Date.now() + performance.now() % 1, secret };
    put(item);
    return item;
  },

  // What had no conversation yet was said to this one.
  claim(session) {
    for (const item of this.items(null)) {
      take(item.message_id);
      put({ ...item, session });
    }
  },

  // Forgets, and returns, what waits in a conversation.
  leave(session) {
    const left = this.items(session);
    left.forEach(item => take(item.message_id));
    return left;
  },
};
