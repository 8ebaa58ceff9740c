// What this browser keeps of a conversation: its token, the key it was begun with, what was not sent yet. All tabs of a bot share
// it. Where the browser refuses to keep anything, this page's memory has to do.

const prefix = `hearsay.${document.body.dataset.bot}.`;

function place() {
  try {
    localStorage.setItem(`${prefix}probe`, "");
    localStorage.removeItem(`${prefix}probe`);
    return localStorage;
  } catch {
    return inMemory();
  }
}

function inMemory() {
  const memory = new Map();
  return {
    get length() { return memory.size; },
    key: index => [...memory.keys()][index],
    getItem: name => memory.get(name) ?? null,
    setItem: (name, value) => memory.set(name, value),
    removeItem: name => memory.delete(name),
  };
}

const storage = place();

// A value that was kept as JSON; null if there is none, or none that can be read.
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const kept = {
  get: name => parse(storage.getItem(prefix + name)),

  // False if there is no room for it.
  set(name, value) {
    try {
      storage.setItem(prefix + name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },

  drop: name => storage.removeItem(prefix + name),

  // The names that begin so.
  names: beginning => Array.from({ length: storage.length }, (_, index) => storage.key(index))
    .filter(key => key?.startsWith(prefix + beginning))
    .map(key => key.slice(prefix.length)),

  // Calls back with the new value when another tab changes it.
  watch(name, callback) {
    addEventListener("storage", event => {
      if (event.key === prefix + name) callback(parse(event.newValue));
    });
  },
};

// 128 random bits; crypto.randomUUID is not there on plain http.
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");
}
