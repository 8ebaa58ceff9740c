// The page's own words, in the bot's language, else the browser's, else English. What the bot says is the bot's matter.

const WORDS = {
  en: {
    new: "New conversation", message: "Your message", send: "Send", log: "Conversation", choices: "Suggested answers",
    yes: "Yes", no: "No", you: "You: ", close: "Close", latest: "Latest messages",
    write: "Write it instead", pick: "Pick it instead", reveal: "Show the password", earlier: "Loading earlier messages …",
    waiting: "Waiting to be sent", unsent: "Not sent: ", ended: "the conversation had ended.", today: "Today", yesterday: "Yesterday",
    over: "This conversation has ended. Here begins a new one.",
    elsewhere: "A new conversation was begun in another tab.",
    offline: "No connection. What you write is kept, and sent as soon as there is one.",
    away: "The bot is away at the moment. What you write is kept, and sent as soon as it is back.",
    busy: "The server is busy. What you write is kept, and sent in a moment.",
    slow: "That was much at once. The next message goes out in a moment.",
  },
  pt: {
    new: "Nova conversa", message: "Sua mensagem", send: "Enviar", log: "Conversa", choices: "Respostas sugeridas",
    yes: "Sim", no: "Não", you: "Você: ", close: "Fechar", latest: "Últimas mensagens",
    write: "Escrever em vez disso", pick: "Escolher em vez disso", reveal: "Mostrar a senha", earlier: "Carregando mensagens anteriores …",
    waiting: "Aguardando envio", unsent: "Não enviada: ", ended: "a conversa já tinha terminado.", today: "Hoje", yesterday: "Ontem",
    over: "Esta conversa terminou. Aqui começa uma nova.",
    elsewhere: "Uma nova conversa foi iniciada em outra aba.",
    offline: "Sem conexão. O que você escrever fica guardado e será enviado assim que houver uma.",
    away: "O bot não está disponível no momento. O que você escrever fica guardado e será enviado assim que ele voltar.",
    busy: "O servidor está ocupado. O que você escrever fica guardado e será enviado em instantes.",
    slow: "Foram muitas mensagens de uma vez. A próxima sai em instantes.",
  },
  es: {
    new: "Nueva conversación", message: "Tu mensaje", send: "Enviar", log: "Conversación", choices: "Respuestas sugeridas",
    yes: "Sí", no: "No", you: "Tú: ", close: "Cerrar", latest: "Últimos mensajes",
    write: "Escribirlo", pick: "Elegirlo", reveal: "Mostrar la contraseña", earlier: "Cargando mensajes anteriores …",
    waiting: "Pendiente de envío", unsent: "No enviado: ", ended: "la conversación ya había terminado.", today: "Hoy", yesterday: "Ayer",
    over: "Esta conversación ha terminado. Aquí empieza una nueva.",
    elsewhere: "Se ha empezado una conversación nueva en otra pestaña.",
    offline: "Sin conexión. Lo que escribas se guarda y se enviará en cuanto la haya.",
    away: "El bot no está disponible en este momento. Lo que escribas se guarda y se enviará en cuanto vuelva.",
    busy: "El servidor está ocupado. Lo que escribas se guarda y se enviará enseguida.",
    slow: "Fueron muchos mensajes a la vez. El siguiente sale enseguida.",
  },
};

const wanted = [document.documentElement.lang, ...navigator.languages];
const language = wanted.map(tag => tag.slice(0, 2).toLowerCase()).find(tag => tag in WORDS) ?? "en";

export const words = WORDS[language];

// Fills the words into what the page marks with `data-text` and `data-label`.
export function fillWords() {
  for (const element of document.querySelectorAll("[data-text], button[data-label]")) element.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = words[element.dataset.text];
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", words[element.dataset.label]);
    if (element.matches("button")) element.title = words[element.dataset.label];
  }
}

const dayFormat = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
const yearFormat = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" });
const timeFormat = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });

export const timeOf = date => timeFormat.format(date);

// Of the day of the calendar, wherever it begins: not all have 24 hours.
const dayNumber = date => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());

// "Today", "Yesterday", "Monday, 3 March", and with its year what is older than half of one.
export function dayOf(date) {
  const days = (dayNumber(new Date()) - dayNumber(date)) / 86_400_000;
  if (days <= 0) return words.today;
  if (days === 1) return words.yesterday;
  return (days < 180 ? dayFormat : yearFormat).format(date);
}
