import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket, WebSocketServer } from "ws";
import { openKeyring } from "../dist/auth.js";
import { createEmbeddedEventLog } from "../dist/backend/embedded/event-log.js";
import { systemClock } from "../dist/clock.js";
import { createCursorSealer } from "../dist/cursors.js";
import { silentLog } from "../dist/log.js";
import { buildApiSchema } from "../dist/resolvers/build.js";
import { startServer } from "../dist/server.js";
import { createJobView } from "../dist/views/job.js";
import { compare } from "./frame.mjs";

const SUBSCRIBERS = [1, 100, 1_000];
const EVENTS = 20;
const QUERY =
  "subscription { jobUpdates { cursor event { __typename ... on Job { id kind state version progress stage submittedBy } } } }";

/** Counts what reaches any of its sockets, and resolves when a number of frames has. */
function createCounter() {
  let seen = 0;
  let wanted = Infinity;
  let done = () => undefined;
  return {
    count() {
      seen += 1;
      if (seen >= wanted) done();
    },
    /** Resolves with the number once that many more have come; whoever waits begins before they are sent. */
    more(number) {
      seen = 0;
      wanted = number;
      return new Promise((resolve) => {
        done = () => {
          wanted = Infinity;
          resolve(number);
        };
      });
    },
  };
}

async function open(port, onText) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, ["graphql-transport-ws"], {
    perMessageDeflate: false,
  });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("message", (data) => onText(data, socket));
  return socket;
}

/** The bare peer: a server that only writes given bytes to every socket. */
async function startBare(clients) {
  const counter = createCounter();
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await new Promise((resolve) => server.once("listening", resolve));
  const sockets = [];
  for (let n = 0; n < clients; n += 1) sockets.push(await open(server.address().port, counter.count));
  return {
    counter,
    broadcast(bytes) {
      for (const socket of server.clients) socket.send(bytes, { binary: false });
    },
    close() {
      for (const socket of sockets) socket.terminate();
      server.close();
    },
  };
}

/** Subscribers that are live: each has had its first heartbeat. The first frame of a job is kept as `sample`. */
async function subscribe(port, token, clients, idOf) {
  const counter = createCounter();
  const sockets = [];
  const subscribers = { counter, sample: null, close: () => sockets.forEach((socket) => socket.terminate()) };
  const begun = counter.more(clients);
  for (let n = 0; n < clients; n += 1) {
    const socket = await open(port, (data) => {
      // From the first job on every frame is one: the stream is never quiet for as long as a heartbeat takes.
      if (subscribers.sample !== null) counter.count();
      else if (data.includes('"type":"next"')) {
        if (data.includes('"__typename":"Job"')) subscribers.sample = data;
        counter.count();
      } else if (data.includes('"connection_ack"')) {
        socket.send(JSON.stringify({ id: idOf(n), type: "subscribe", payload: { query: QUERY } }));
      }
    });
    socket.send(JSON.stringify({ type: "connection_init", payload: { token } }));
  }
  await begun;
  return subscribers;
}

/** One event after the other, from its append to the last of N sockets, beside a bare broadcast of the same bytes. */
export default async function run() {
  const directory = mkdtempSync(join(tmpdir(), "vitalome-fanout-"));
  const keyring = await openKeyring(directory, systemClock);
  const eventLog = await createEmbeddedEventLog({
    directory: join(directory, "log"),
    clock: systemClock,
    log: silentLog,
  });
  const sealer = createCursorSealer(keyring.subkey("cursors"), systemClock);
  const server = await startServer({
    schema: await buildApiSchema(),
    keyring,
    uploads: {},
    readiness: () => Promise.resolve({ ready: true, dependencies: {} }),
    contextFor: (caller, requestId, signal) => {
      const live = { caller, eventLog, sealer, clock: systemClock, signal, heartbeatMs: 9_000 };
      return { caller, requestId, signal, log: silentLog, jobs: createJobView(live) };
    },
    log: silentLog,
    clock: systemClock,
    host: "127.0.0.1",
    port: 0,
    limits: { socketSubscriptions: 10, tokenSubscriptions: 10_000, bufferBytes: 8 << 20 },
  });
  const token = await keyring.issueToken({ role: "owner", subject: "bench", lifetime: 3_600 });

  let version = 0;
  const change = (topic = "job.changed.v1") => {
    version += 1;
    const job = {
      id: "job-1",
      kind: "ingest-variants",
      state: "RUNNING",
      progress: 0.5,
      stage: "reading",
      submittedBy: "bench",
      idempotencyKey: "bench",
      parameters: {},
      inputs: [],
      queuedAt: 1,
      startedAt: 2,
      endedAt: null,
      error: null,
      baseSnapshot: 0,
      snapshotId: null,
      retryOf: null,
      version,
    };
    return eventLog.append(topic, [{ key: job.id, value: { schema: 1, job } }]);
  };
  const events = async (counter, clients, once) => {
    let received = 0;
    for (let n = 0; n < EVENTS; n += 1) {
      const all = counter.more(clients);
      await once();
      received += await all;
    }
    return received;
  };

  for (const clients of SUBSCRIBERS) {
    const bare = await startBare(clients);
    const own = await subscribe(server.port, token, clients, () => randomUUID());
    const first = own.counter.more(clients);
    await change();
    await first;
    const bytes = own.sample;
    await compare(`${EVENTS} events, each to ${clients} subscribers, ${bytes.length} bytes: until the last has it`, [
      {
        name: "bare ws broadcast of the same bytes",
        run: () => events(bare.counter, clients, () => bare.broadcast(bytes)),
      },
      {
        name: "the same behind a durable append",
        run: () =>
          events(bare.counter, clients, async () => {
            await change("worker.state.v1");
            bare.broadcast(bytes);
          }),
      },
      { name: "vitalome jobUpdates, from append", run: () => events(own.counter, clients, change) },
    ]);
    own.close();
    bare.close();
  }
  await server.close(1_000);
  await eventLog.close();
  rmSync(directory, { recursive: true, force: true });
}
