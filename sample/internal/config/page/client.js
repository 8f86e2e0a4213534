// A client of hawos's websocket protocol in the JSON subprotocol: login, calls,
// pushes, and coming back after a lost connection. It knows nothing of chat.

const LOGIN = 1, PING = 2, KICK = 3, NOTICE = 4;

// What each close code means; codes that are not here are lost connections.
const closes = {
  4400: { again: false, text: "The server did not understand this page." },
  4401: { again: true }, // a new login brings a new token
  4403: { again: false, text: "You were removed from the server." },
  4408: { again: true },
  4409: { again: false, text: "You logged in somewhere else." },
  4413: { again: false, text: "A message was too large." },
  4429: { again: true, least: 5000 },
  4503: { again: true, jitter: 1000 },
};

// Refusal is a reply whose code is not 0.
export class Refusal extends Error {
  constructor(packet) {
    super(packet.error || `refused with code ${packet.code}`);
    this.code = packet.code;
  }
}

// Client holds one connection at a time. login() resolves to {ws, token}.
// onOpen runs after each login, onPush(id, payload) for each push, onNotice(text)
// for what the server tells the person, onState(text) when the connection comes or
// goes, onEnd(text) when the client gives up.
export class Client {
  constructor({ login, onOpen, onPush, onNotice, onState, onEnd }) {
    Object.assign(this, { login, onOpen, onPush, onNotice, onState, onEnd });
    this.seq = 0;
    this.waiting = new Map(); // seq → {resolve, reject}
    this.failures = 0;
  }

  // start connects; it rejects where the first login does.
  async start() {
    this.place = await this.login();
    this.connect();
  }

  // call sends a request and resolves to the reply's payload.
  call(id, payload = {}) {
    if (this.socket?.readyState !== WebSocket.OPEN) {
      return Promise.reject(new Error("not connected"));
    }
    const seq = ++this.seq;
    this.socket.send(JSON.stringify({ id, seq, payload }));
    return new Promise((resolve, reject) => this.waiting.set(seq, { resolve, reject }));
  }

  connect() {
    this.onState("connecting");
    const socket = new WebSocket(this.place.ws, ["hawos.v1.json"]);
    this.socket = socket;
    this.reason = undefined;
    socket.onopen = () => this.opened();
    socket.onmessage = (e) => this.receive(JSON.parse(e.data));
    socket.onclose = (e) => this.closed(e.code);
  }

  // opened logs in by packet, which keeps the token out of addresses and logs.
  async opened() {
    try {
      const me = await this.call(LOGIN, { token: this.place.token, client: "hawos chat page" });
      this.failures = 0;
      this.onState("");
      clearInterval(this.heart);
      this.heart = setInterval(() => this.call(PING, {}).catch(() => {}), me.heartbeat_ms || 20000);
      await this.onOpen();
    } catch {
      // The close that follows says what to do.
    }
  }

  receive(p) {
    if (p.seq) {
      const call = this.waiting.get(p.seq);
      this.waiting.delete(p.seq);
      if (p.code) call?.reject(new Refusal(p));
      else call?.resolve(p.payload ?? {});
      return;
    }
    if (p.id === KICK) this.reason = p.payload?.reason;
    else if (p.id === NOTICE) this.onNotice(p.payload?.text);
    else if (p.id >= 100) this.onPush(p.id, p.payload ?? {});
  }

  closed(code) {
    clearInterval(this.heart);
    for (const call of this.waiting.values()) call.reject(new Error("the connection was lost"));
    this.waiting.clear();
    const rule = closes[code] ?? { again: true };
    if (!rule.again) {
      this.onEnd(this.reason || rule.text);
      return;
    }
    const backoff = Math.min(250 * 2 ** this.failures++, 15000);
    const wait = Math.max(backoff, rule.least ?? 0) + Math.random() * (rule.jitter ?? backoff);
    this.onState("connection lost, trying again");
    setTimeout(() => this.again(), wait);
  }

  // again asks where to connect before it does: the frontend may be another by
  // now, and the token too old.
  async again() {
    try {
      this.place = await this.login();
      this.connect();
    } catch {
      this.closed(1006);
    }
  }
}
