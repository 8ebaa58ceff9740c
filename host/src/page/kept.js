// What this browser keeps of a conversation: its token, the key it was begun with, what was not sent yet. All tabs of a bot share
// it. Where the browser refuses to keep anything, this page's memory has to do.

const prefix = `hearsay.${document.body.dataset.bot}.`;

function place() {
  try {
    localStorage.setItem(`${prefix}probe`, "");
    localStorage.removeItem(`${prefix}probe`);
    return localStorage;
  } catch {
    const memory = new Map();
    return {
      getItem: name => memory.get(name) ?? null,
      setItem: (name, value) => memory.set(name, value),
      removeItem: name => memory.delete(name),
    };
  }
}

const storage = place();

export const kept = {
  get: name => storage.getItem(prefix + name),
  set(name, value) {
    try {
      storage.setItem(prefix + name, value);
    } catch {
      // It is full: the conversation goes on, a reload will not know of this.
    }
  },
  drop: (...names) => names.forEach(name => storage.removeItem(prefix + name)),
  // Calls back with the new value when another tab changes it.
  watch(name, callback) {
    addEventListener("storage", event => {
      if (event.key === prefix + name) callback(event.newValue);
    });
  },
};

// 128 random bits; crypto.randomUUID is not there on plain http.
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");
}
