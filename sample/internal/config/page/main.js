// Draws what Chat knows. All that people wrote is set as textContent, never as
// HTML.
import { Chat } from "./chat.js";

const $ = (id) => document.getElementById(id);
let chat, drawing = false;

$("uid").value = sessionStorage.getItem("uid") ?? "";

$("login").onsubmit = async (e) => {
  e.preventDefault();
  const uid = $("uid").value.trim();
  chat = new Chat(uid, { changed: redraw, ended: (text) => end(text) });
  try {
    await chat.enter($("first-room").value.trim());
    sessionStorage.setItem("uid", uid);
    $("login").hidden = true;
    $("chat").hidden = false;
    $("text").focus();
  } catch (error) {
    end(error.message);
  }
};

$("join").onsubmit = (e) => {
  e.preventDefault();
  const room = $("room").value.trim();
  if (room) attempt(async () => { await chat.join(room); $("room").value = ""; });
};

$("send").onsubmit = (e) => {
  e.preventDefault();
  const text = $("text").value.trim();
  if (text && chat.current) attempt(async () => { $("text").value = ""; await chat.send(text); }, () => { $("text").value ||= text; });
};

$("leave").onclick = () => attempt(() => chat.leave());

// attempt runs what a person asked for and shows what went wrong.
async function attempt(f, undo = () => {}) {
  try {
    chat.error = "";
    await f();
  } catch (e) {
    undo();
    chat.fault(e);
  }
}

function end(text) {
  $("login").hidden = false;
  $("chat").hidden = true;
  $("login-error").textContent = text;
}

// redraw draws once for many changes; in a tab behind another too, where there
// are no animation frames.
function redraw() {
  if (drawing) return;
  drawing = true;
  setTimeout(() => { drawing = false; draw(); }, 20);
}

function draw() {
  const c = chat.current;
  $("me").textContent = chat.uid;
  $("state").textContent = chat.state;
  $("title").textContent = c ? label(c) : "No conversation";
  $("leave").textContent = c?.kind === "private" ? "Close" : "Leave";
  $("leave").hidden = $("send").hidden = !c;
  $("error").textContent = chat.error ?? "";
  list($("conversations"), [...chat.conversations.values()].map((c) =>
    entry(label(c), c.unread || "", () => chat.show(c.kind, c.name), c === chat.current, c.unread > 0)));
  list($("rooms"), chat.rooms.filter((r) => !chat.conversations.has(`room ${r.name}`)).map((r) =>
    entry(`# ${r.name}`, r.members, () => attempt(() => chat.join(r.name)))));
  list($("members"), [...(c?.members ?? [])].sort().map((uid) =>
    entry(uid, uid === chat.uid ? "you" : "", () => uid !== chat.uid && chat.show("private", uid))));
  messages($("messages"), c ? [...c.messages.values()] : []);
}

const label = (c) => (c.kind === "room" ? `# ${c.name}` : `@ ${c.name}`);

function list(at, items) { at.replaceChildren(...items); }

function entry(text, note, onclick, current = false, unread = false) {
  const li = document.createElement("li"), button = document.createElement("button");
  const name = document.createElement("span"), small = document.createElement("small");
  name.textContent = text;
  small.textContent = note;
  button.type = "button";
  button.onclick = onclick;
  button.append(name, small);
  if (current) button.setAttribute("aria-current", "true");
  li.classList.toggle("unread", unread);
  li.append(button);
  return li;
}

function messages(at, all) {
  const atEnd = at.scrollHeight - at.scrollTop - at.clientHeight < 40;
  at.replaceChildren(...all.map(message));
  if (atEnd) at.scrollTop = at.scrollHeight;
}

function message(m) {
  const li = document.createElement("li");
  if (m.notice) {
    li.className = "notice";
    li.textContent = m.notice;
    return li;
  }
  const head = document.createElement("div"), text = document.createElement("span");
  head.textContent = `${m.uid} · ${new Date(Number(m.sent_ms)).toLocaleTimeString()}`;
  text.textContent = m.text;
  li.classList.toggle("mine", m.uid === chat.uid);
  li.append(head, text);
  return li;
}
