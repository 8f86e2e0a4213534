// What the page knows: the conversations, who is in them, what was said. It
// speaks the protocol IDs of protos/chat/v1/chat.proto and draws nothing.
import { Client, Refusal } from "./client.js";

const JOIN = 2001, LEAVE = 2002, SEND = 2003, HISTORY = 2004, MEMBERS = 2005, ROOMS = 2006, PRIVATE = 2007;
const POSTED = 2101, JOINED = 2102, LEFT = 2103, PRIVATE_POSTED = 2104;
const NOT_A_MEMBER = 2402;

// A conversation is a room, or private with one user.
const conversation = (kind, name) => ({ kind, name, messages: new Map(), members: new Set(), unread: 0 });
const keyOf = (kind, name) => `${kind} ${name}`;

// keep adds a message and forgets the oldest of many.
function keep(c, id, message) {
  c.messages.set(id, message);
  if (c.messages.size > 500) c.messages.delete(c.messages.keys().next().value);
}

export class Chat {
  // changed runs after every change of what the page shows.
  constructor(uid, { changed, ended }) {
    this.uid = uid;
    this.changed = changed;
    this.conversations = new Map();
    this.rooms = [];
    this.state = "";
    this.nonce = 0;
    this.client = new Client({
      login: () => login(uid),
      onOpen: () => this.rejoin(),
      onPush: (id, payload) => this.pushed(id, payload),
      onNotice: (text) => this.fault(new Error(text)),
      onState: (text) => { this.state = text; changed(); },
      onEnd: ended,
    });
  }

  // enter connects; the room is joined as soon as that is done.
  async enter(room) {
    this.show("room", room);
    await this.client.start();
  }

  // show opens a conversation, at once where the page has it already.
  show(kind, name) {
    const key = keyOf(kind, name);
    if (!this.conversations.has(key)) this.conversations.set(key, conversation(kind, name));
    this.current = this.conversations.get(key);
    this.current.unread = 0;
    this.changed();
  }

  async join(name) {
    await this.enterRoom(name);
    this.show("room", name);
    await this.refreshRooms();
  }

  // enterRoom joins first and asks afterwards, so that nothing is missed.
  async enterRoom(name) {
    await this.client.call(JOIN, { room: name });
    const key = keyOf("room", name);
    const c = this.conversations.get(key) ?? conversation("room", name);
    this.conversations.set(key, c);
    const [history, members] = await Promise.all([
      this.client.call(HISTORY, { room: name }), this.client.call(MEMBERS, { room: name })]);
    const later = [...c.messages.values()];
    c.messages = new Map();
    for (const m of [...(history.messages ?? []), ...later]) c.messages.set(m.id, m);
    c.members = new Set(members.uids ?? []);
    this.changed();
  }

  // rejoin runs after every login: the groups of the last session are gone.
  async rejoin() {
    for (const c of [...this.conversations.values()].filter((c) => c.kind === "room")) {
      try {
        await this.enterRoom(c.name);
      } catch (e) {
        if (e instanceof Refusal) this.drop(c);
        this.fault(e);
      }
    }
    await this.refreshRooms();
  }

  async leave() {
    const c = this.current;
    if (c.kind === "room") await this.client.call(LEAVE, { room: c.name });
    this.drop(c);
    await this.refreshRooms();
  }

  drop(c) {
    this.conversations.delete(keyOf(c.kind, c.name));
    if (this.current === c) this.current = this.conversations.values().next().value;
  }

  async send(text) {
    const c = this.current, nonce = ++this.nonce;
    if (c.kind === "private") {
      const { message } = await this.client.call(PRIVATE, { uid: c.name, text, nonce });
      keep(c, message.id, message);
    } else {
      const post = () => this.client.call(SEND, { room: c.name, text, nonce });
      const { message } = await post().catch(async (e) => {
        if (e.code !== NOT_A_MEMBER) throw e;
        await this.enterRoom(c.name);
        return post();
      });
      keep(c, message.id, message);
    }
    this.changed();
  }

  async refreshRooms() {
    this.rooms = (await this.client.call(ROOMS)).rooms ?? [];
    this.changed();
  }

  pushed(id, p) {
    if (id === POSTED) this.received("room", p.message.room, p.message);
    else if (id === PRIVATE_POSTED) this.received("private", p.message.uid, p.message);
    else if (id === JOINED || id === LEFT) this.moved(p.room, p.uid, id === JOINED);
  }

  received(kind, name, message) {
    const key = keyOf(kind, name);
    if (kind === "room" && !this.conversations.has(key)) return; // left a moment ago
    const c = this.conversations.get(key) ?? conversation(kind, name);
    this.conversations.set(key, c);
    if (!c.messages.has(message.id) && c !== this.current) c.unread++;
    keep(c, message.id, message);
    this.changed();
  }

  moved(room, uid, isIn) {
    const c = this.conversations.get(keyOf("room", room));
    if (!c) return;
    if (isIn) c.members.add(uid);
    else c.members.delete(uid);
    keep(c, `${uid} ${Date.now()}`, { notice: `${uid} ${isIn ? "came in" : "left"}` });
    this.changed();
  }

  fault(e) {
    this.error = e.message;
    this.changed();
  }
}

async function login(uid) {
  const reply = await fetch("/api/login", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ uid }),
  });
  const body = await reply.json();
  if (!reply.ok) throw new Error(body.error);
  return body;
}
