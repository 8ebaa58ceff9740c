// Where the person answers: an input that fits what the bot expects, and the answers that it offers.

import { words } from "./words.js";

const [form, choices, field, hint, mode, sendButton, log] =
  ["composer", "choices", "field", "hint", "mode", "send", "log"].map(id => document.getElementById(id));
// A tap on a choice must not bring up a keyboard.
const isTouched = matchMedia("(pointer: coarse)").matches;

// What an answer of each kind is written in. `pick` is the browser's own picker; there is a way back to writing, for the server
// understands "tomorrow" as well. A keypad may have no minus: where the answer may be below zero, there is a way to all keys.
const KINDS = {
  integer: { inputMode: "numeric", isSigned: true },
  number: { inputMode: "decimal", isSigned: true },
  money: { inputMode: "decimal", isSigned: true },
  email: { type: "email", inputMode: "email", autocomplete: "email" },
  date: { pick: "date" },
  time: { pick: "time" },
  color: { pick: "color" },
  name: { autocomplete: "name", autocapitalize: "words" },
  phone: { type: "tel", inputMode: "tel", autocomplete: "tel" },
  zipcode: { autocomplete: "postal-code" },
  url: { type: "url", inputMode: "url", autocomplete: "url" },
  file: { type: "url", inputMode: "url" },
  image: { type: "url", inputMode: "url" },
  audio: { type: "url", inputMode: "url" },
  video: { type: "url", inputMode: "url" },
  document: { type: "url", inputMode: "url" },
  creditcard: { inputMode: "numeric", autocomplete: "cc-number" },
  cpf: { inputMode: "numeric" },
  cnpj: {},
  uuid: {},
  language: {},
  password: { type: "password", autocomplete: "current-password" },
};

let kind = "text";
// Whether the answer is picked, or written on a keypad, rather than written with all keys.
let isPicking = false;
let say = () => {};
// What was being written when an input of another kind came in between.
let draft = "";

const input = () => document.getElementById("message");

export const composer = {
  // Calls back with each answer, and whether it is a secret.
  onSay: callback => { say = callback; },

  // Fits the composer to what is expected, which is null for anything; `wrong`: the last answer did not fit.
  ask(expects, suggestions = [], wrong = false) {
    const before = kind;
    kind = expects?.kind ?? "text";
    if (kind !== before || !input()) {
      isPicking = true;
      build();
    }
    offer(expects, suggestions);
    hint.textContent = expects?.hint ?? "";
    hint.classList.toggle("wrong", wrong);
    hint.hidden = !hint.textContent || (kind === "menu" && !wrong);
    input().toggleAttribute("aria-invalid", false);
    if (wrong) input().setAttribute("aria-invalid", "true");
    if (wrong && !isTouched) input().select?.();
  },

  focus() {
    if (!isTouched) input().focus();
  },

  // Puts words back that could not be sent.
  restore(text) {
    if (!input().matches("textarea")) draft ||= text;
    else input().value ||= text;
  },
};

// Whether a key belongs to a character that is still being put together. Safari says so by a key code alone.
export const isComposing = event => event.isComposing || event.keyCode === 229;

// The input itself: it is made anew for each kind, so that nothing of the one before is left in it.
function build() {
  const about = KINDS[kind] ?? null;
  const old = input();
  const hadFocus = old && document.activeElement === old;
  if (old?.matches("textarea")) draft = old.value;
  const made = document.createElement(about ? "input" : "textarea");
  made.id = made.name = "message";
  made.setAttribute("aria-describedby", "hint");
  made.enterKeyHint = "send";
  made.autocomplete = "off";
  if (about) {
    made.type = isPicking && about.pick || about.type || "text";
    if (about.inputMode && isPicking) made.inputMode = about.inputMode;
    if (about.autocomplete) made.autocomplete = about.autocomplete;
    if (about.autocapitalize) made.autocapitalize = about.autocapitalize;
  } else {
    made.rows = 1;
    made.placeholder = words.message;
    made.dir = "auto";
    made.value = draft;
    draft = "";
  }
  field.replaceChildren(made);
  if (hadFocus) made.focus();
  mode.hidden = !(about?.pick || about?.isSigned && isTouched || kind === "password");
  mode.textContent = kind === "password" ? "abc" : isPicking ? "Aa" : "▾";
  mode.ariaLabel = mode.title = kind === "password" ? words.reveal : isPicking ? words.write : words.pick;
  if (kind === "password") mode.setAttribute("aria-pressed", "false");
  else mode.removeAttribute("aria-pressed");
}

// What the buttons offer now, and since when they can be seen.
let offered = "[]";
let since = 0;
// Milliseconds in which the second click of a double click comes: it is no answer to the question that came in between.
const DOUBLE = 400;

// The answers as buttons: what the bot suggests, what a menu has, yes and no.
function offer(expects, suggestions) {
  const offers = new Map(suggestions.map(({ text, label }) => [text, label || text]));
  for (const choice of expects?.choices ?? []) if (!offers.has(choice)) offers.set(choice, choice);
  if (kind === "boolean" && offers.size === 0) offers.set(words.yes, words.yes).set(words.no, words.no);
  if (choices.hidden) since = performance.now();
  choices.hidden = offers.size === 0;
  // The same buttons stay as they are, and the focus on one of them too: whoever presses it means that one.
  const same = JSON.stringify([...offers]);
  if (same === offered) return;
  offered = same;
  since = performance.now();
  const hadFocus = choices.contains(document.activeElement);
  choices.replaceChildren(...Array.from(offers, ([text, label]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dir = "auto";
    button.textContent = label;
    button.addEventListener("click", ({ detail }) => {
      // A click that is counted was made by a pointer.
      if (detail === 0 || detail === 1 && performance.now() - since > DOUBLE) answer(text);
    });
    return button;
  }));
  if (hadFocus) (choices.querySelector("button") ?? input()).focus();
}

function answer(text) {
  // A date of which a part is missing counts as empty: the browser says what is wrong with it.
  if (!text.trim()) return void input().reportValidity();
  const secret = kind === "password";
  const hadFocus = document.activeElement;
  if (input().type !== "color") input().value = "";
  choices.hidden = true;
  hint.hidden = true;
  if (choices.contains(hadFocus)) (isTouched ? log : input()).focus({ preventScroll: true });
  else composer.focus();
  say(text, secret);
}

form.addEventListener("submit", event => {
  event.preventDefault();
  answer(input().value);
});
form.addEventListener("keydown", event => {
  const sends = event.key === "Enter" && !event.shiftKey && !isComposing(event) && event.target.matches("textarea");
  if (sends) {
    event.preventDefault();
    form.requestSubmit(sendButton);
  }
});
mode.addEventListener("click", () => {
  if (kind === "password") {
    const isShown = input().type === "text";
    input().type = isShown ? "password" : "text";
    mode.setAttribute("aria-pressed", String(!isShown));
  } else {
    isPicking = !isPicking;
    build();
  }
  input().focus();
});
