/** Subscribers of fanout.bench.mjs, in a process of their own: opens them, and says when each of their events came. */
import { request } from "node:http";
import { WebSocket } from "ws";

const MARK = '"AlertChange"';
/** By way: sockets, and the arrivals that are counted now. */
const ways = new Map();

/** The same clock as the other process has. */
const now = () => performance.timeOrigin + performance.now();

function countOn(way) {
  const index = way.closers.length;
  let seen = 0;
  way.resets.push(() => (seen = 0));
  return (text) => {
    if (!text.includes(MARK)) return way.onOther();
    way.sample ??= text.toString();
    if (seen < way.events) way.arrivals[index * way.events + seen] = now();
    seen += 1;
    way.left -= 1;
    if (way.left === 0) process.send({ done: way.name });
  };
}

async function openSocket(way, { port, token, query }) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, ["graphql-transport-ws"], {
    perMessageDeflate: false,
  });
  const count = countOn(way);
  way.closers.push(() => socket.terminate());
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("message", (data) => {
    if (query !== null && data.includes('"connection_ack"'))
      socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query } }));
    else count(data);
  });
  if (query === null) way.onOther();
  else socket.send(JSON.stringify({ type: "connection_init", payload: { token } }));
}

async function openStream(way, { port, token, query }) {
  const count = countOn(way);
  const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream", "content-type": "application/json" };
  const sent = request({ host: "127.0.0.1", port, path: "/graphql/stream", method: "POST", agent: false, headers });
  way.closers.push(() => sent.destroy());
  sent.on("error", () => undefined);
  sent.end(JSON.stringify({ query }));
  const response = await new Promise((resolve, reject) => {
    sent.once("response", resolve);
    sent.once("error", reject);
  });
  let rest = "";
  response.on("data", (chunk) => {
    const events = (rest + chunk.toString()).split("\n\n");
    rest = events.pop();
    for (const event of events) if (event.startsWith("event")) count(event);
  });
}

async function open({ name, kind, clients, ...target }) {
  let ready = clients;
  const way = { name, events: 0, left: Infinity, arrivals: new Float64Array(0), sample: null, closers: [], resets: [] };
  ways.set(name, way);
  const begun = new Promise((resolve) => {
    // The first thing that is no event: it is live. Later ones are heartbeats.
    way.onOther = () => {
      ready -= 1;
      if (ready === 0) resolve();
    };
  });
  const start = kind === "sse" ? openStream : openSocket;
  // Not all at once: the backlog of a listener is short.
  for (let n = 0; n < clients; n += 50)
    await Promise.all(Array.from({ length: Math.min(50, clients - n) }, () => start(way, target)));
  await begun;
  process.send({ opened: name });
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

process.on("message", (message) => {
  if (message.open !== undefined) void open(message.open);
  if (message.arm !== undefined) {
    const way = ways.get(message.arm.name);
    way.events = message.arm.events;
    way.left = way.closers.length * way.events;
    way.arrivals = new Float64Array(way.left);
    if (message.arm.isFirst) for (const reset of way.resets) reset();
    process.send({ armed: way.name });
  }
  if (message.tell !== undefined) {
    const { name, sent } = message.tell;
    const way = ways.get(name);
    const delays = way.arrivals.map((at, index) => at - sent[index % way.events]).sort();
    const last = way.arrivals.reduce((most, at) => Math.max(most, at), 0);
    const told = { p50: quantile(delays, 0.5), p99: quantile(delays, 0.99), most: delays.at(-1), last };
    process.send({ told: name, ...told, frames: way.arrivals.length, sample: way.sample });
  }
  if (message.close !== undefined) {
    for (const close of ways.get(message.close).closers) close();
    ways.delete(message.close);
    process.send({ closed: message.close });
  }
});
