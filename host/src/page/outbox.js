// What the person said and the server does not have yet. It goes out one by one, in order, each under an id of its own: sent
// twice, by a reload or by another tab, it still counts once.

import { kept, newId } from "./kept.js";

// A secret is never written down: a reload forgets it.
let secrets = [];

function read() {
  try {
    const items = JSON.parse(kept.get("outbox") ?? "[]");
    return Array.isArray(items) ? items.filter(item => typeof item?.message === "string" && item.message_id) : [];
  } catch {
    return [];
  }
}

function write(items) {
  if (items.length > 0) kept.set("outbox", JSON.stringify(items));
  else kept.drop("outbox");
}

export const outbox = {
  // In the order in which they were said.
  items: () => [...read(), ...secrets].sort((one, other) => one.at - other.at),

  put(message, secret) {
    const item = { message, message_id: newId(), at: Date.now() + performance.now() % 1 };
    if (secret) secrets.push({ ...item, secret });
    else write([...read(), item]);
    return { ...item, secret };
  },

  take(id) {
    write(read().filter(item => item.message_id !== id));
    secrets = secrets.filter(item => item.message_id !== id);
  },

  clear() {
    secrets = [];
    kept.drop("outbox");
  },
};
