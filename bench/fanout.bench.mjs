import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { WebSocketServer } from "ws";
import { openKeyring } from "../dist/auth.js";
import { createEmbeddedEventLog } from "../dist/backend/embedded/event-log.js";
import { systemClock } from "../dist/clock.js";
import { createCursorSealer } from "../dist/cursors.js";
import { silentLog } from "../dist/log.js";
import { buildApiSchema } from "../dist/resolvers/build.js";
import { startServer } from "../dist/server.js";
import { startAlertFold } from "../dist/views/alert-fold.js";
import { createAlertView } from "../dist/views/alert.js";
import { createPersonRecords } from "../dist/views/person-records.js";
import { startRegistry } from "../dist/views/registry.js";

/** `FANOUT_SUBSCRIBERS=1,100` runs fewer. */
const SUBSCRIBERS = (process.env.FANOUT_SUBSCRIBERS ?? "1,100,1000,5000").split(",").map(Number);
const ROUNDS = 3;
/** One after the other, each when the last subscriber has the one before; then as many at once. */
const PACED = 20;
const BURST = 100;
const QUERY = `subscription { alerts { cursor sequence event { __typename ... on AlertChange {
  alert { id version priority presence message value unit onset raisedAt } transition { at reason } } } } }`;
const TOPIC = "alert.transitioned.v1";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

const now = () => performance.timeOrigin + performance.now();

/** Bytes of this process that are held, when what is not has gone. */
async function held() {
  for (let time = 0; time < 3; time += 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

/** The subscribers' process: sends a message, and resolves with the answer that has a field of this value. */
function startClients() {
  const child = fork(join(import.meta.dirname, "fanout-clients.mjs"), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const waiting = [];
  child.on("message", (message) => {
    const at = waiting.findIndex(({ field, name }) => message[field] === name);
    if (at >= 0) waiting.splice(at, 1)[0].resolve(message);
  });
  const answer = (field, name) => new Promise((resolve) => waiting.push({ field, name, resolve }));
  return {
    ask(message, field, name) {
      const answered = answer(field, name);
      child.send(message);
      return answered;
    },
    answer,
    stop: () => child.kill(),
  };
}

/** The bare peer: a server that only writes given bytes to every socket. */
async function startBare() {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    port: server.address().port,
    broadcast(bytes) {
      for (const socket of server.clients) socket.send(bytes, { binary: false });
    },
    close: () => server.close(),
  };
}

/** Alerts over an event log of its own, as the service serves them. */
async function startOwn() {
  const directory = mkdtempSync(join(tmpdir(), "vitalome-fanout-"));
  const keyring = await openKeyring(directory, systemClock);
  const eventLog = await createEmbeddedEventLog({
    directory: join(directory, "log"),
    clock: systemClock,
    log: silentLog,
  });
  const sealer = createCursorSealer(keyring.subkey("cursors"), systemClock);
  const stop = new AbortController();
  const following = { eventLog, clock: systemClock, signal: stop.signal, onFailure: (fault) => console.error(fault) };
  const fold = await startAlertFold({ ...following, stored: () => Promise.resolve({ alerts: [], next: new Map() }) });
  const people = createPersonRecords(startRegistry(following));
  const server = await startServer({
    schema: await buildApiSchema(),
    keyring,
    uploads: {},
    exports: {},
    readiness: () => Promise.resolve({ ready: true, dependencies: {} }),
    contextFor: (caller, requestId, signal) => {
      const live = { caller, eventLog, sealer, clock: systemClock, signal, heartbeatMs: 9_000 };
      return { caller, requestId, signal, log: silentLog, alerts: createAlertView({ ...live, fold, people }) };
    },
    log: silentLog,
    clock: systemClock,
    host: "127.0.0.1",
    port: 0,
    limits: { socketSubscriptions: 10, tokenSubscriptions: 100_000, bufferBytes: 64 << 20 },
  });
  let version = 0;
  const step = () => {
    version += 1;
    const alert = { ...ALERT, version };
    const step = { from: "ON", to: "ON", reason: "RECURRED", text: null, by: null, dueAt: 1 };
    return { key: "p1", value: { schema: 1, kind: "changed", alert, step, commandId: null, input: null } };
  };
  return {
    port: server.port,
    token: await keyring.issueToken({ role: "owner", subject: "bench", lifetime: 3_600 }),
    append: (count, topic = TOPIC) => eventLog.append(topic, Array.from({ length: count }, step)),
    async close() {
      stop.abort(new Error("the bench is over"));
      await server.close(1_000);
      await eventLog.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const ALERT = {
  id: "0123456789abcdef0123456789abcdef",
  patientId: "p1",
  ruleId: "spo2-critical",
  ruleVersion: 1,
  kind: "THRESHOLD",
  code: "2708-6",
  priority: "HIGH",
  presence: "ON",
  conditionPresent: true,
  stale: false,
  onset: 1,
  raisedAt: 2,
  abatement: null,
  occurrenceCount: 1,
  message: "SpO2 critically low: 84 %",
  value: "84",
  unit: "%",
  threshold: "< 85 %",
  derivedFrom: [],
  escalationLevel: 0,
  acknowledgedBy: null,
  acknowledgedAt: null,
  note: null,
  snoozedUntil: null,
  assessment: null,
  supersedes: null,
  movedFrom: null,
  shadow: false,
  simulated: true,
  receivedAt: 1,
};

const median = (numbers) => [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)];

/** Steps of one alert from their append to each of N subscribers, beside a bare broadcast of the same bytes in the same run. */
export default async function run() {
  const own = await startOwn();
  const bare = await startBare();
  const clients = startClients();

  for (const count of SUBSCRIBERS) {
    let bytes = "";
    const { port, token } = own;
    const ways = [
      {
        name: "bare ws broadcast of the same bytes",
        open: { kind: "ws", port: bare.port, token, query: null },
        send: (number) => {
          for (let n = 0; n < number; n += 1) bare.broadcast(bytes);
        },
      },
      {
        name: "the same behind a durable append",
        open: { kind: "ws", port: bare.port, token, query: null },
        // The same work for the log, in a topic nobody reads.
        send: async (number) => {
          await own.append(number, "observations.rejected.v1");
          for (let n = 0; n < number; n += 1) bare.broadcast(bytes);
        },
      },
      { name: "vitalome alerts over WebSocket", open: { kind: "ws", port, token, query: QUERY }, send: own.append },
      { name: "vitalome alerts over SSE", open: { kind: "sse", port, token, query: QUERY }, send: own.append },
    ];
    console.log(`\n## alerts to ${count} subscribers, from append to each of them\n`);
    const rows = [];
    // The bytes of the bare ones are those that the service sends.
    await clients.ask({ open: { name: "sample", clients: 1, ...ways[2].open } }, "opened", "sample");
    await clients.ask({ arm: { name: "sample", events: 1 } }, "armed", "sample");
    const sampled = clients.answer("done", "sample");
    await own.append(1);
    await sampled;
    bytes = (await clients.ask({ tell: { name: "sample", sent: [0] } }, "told", "sample")).sample;
    await clients.ask({ close: "sample" }, "closed", "sample");

    for (const { name, open, send } of ways) {
      const before = await held();
      await clients.ask({ open: { name, clients: count, ...open } }, "opened", name);
      const after = await held();
      const results = [];
      for (let round = 0; round < ROUNDS; round += 1) results.push(await measure(clients, name, send));
      await clients.ask({ close: name }, "closed", name);
      const kib = (field) => (count < 100 ? "-" : ((after[field] - before[field]) / count / 1024).toFixed(1));
      rows.push({ name, results, heap: kib("heap"), rss: kib("rss") });
    }
    console.log(
      `load ${loadavg()[0].toFixed(1)}, ${cpus().length} cores, ${bytes.length} bytes, medians of ${ROUNDS} rounds;`,
    );
    console.log(`delays of ${PACED} events one after the other, events/s of ${BURST} at once\n`);
    console.log("| way | p50 ms | p99 ms | most ms | events/s | frames/s | heap KiB each | rss KiB each |");
    console.log("| --- | --: | --: | --: | --: | --: | --: | --: |");
    for (const { name, results, heap, rss } of rows) {
      const of = (field, digits) => median(results.map((result) => result[field])).toFixed(digits);
      const frames = (median(results.map(({ rate }) => rate)) * count).toFixed(0);
      console.log(
        `| ${name} | ${of("p50", 2)} | ${of("p99", 2)} | ${of("most", 2)} | ${of("rate", 0)} | ${frames} | ${heap} | ${rss} |`,
      );
    }
  }
  clients.stop();
  bare.close();
  await own.close();
}

/** One round: delays when nothing else happens, then how many a second pass. */
async function measure(clients, name, send) {
  const sums = { p50: [], p99: [], most: [] };
  for (let n = 0; n < PACED; n += 1) {
    await clients.ask({ arm: { name, events: 1, isFirst: true } }, "armed", name);
    const done = clients.answer("done", name);
    const sent = now();
    await send(1);
    await done;
    const told = await clients.ask({ tell: { name, sent: [sent] } }, "told", name);
    for (const field of Object.keys(sums)) sums[field].push(told[field]);
  }
  await clients.ask({ arm: { name, events: BURST, isFirst: true } }, "armed", name);
  const done = clients.answer("done", name);
  const sent = now();
  await send(BURST);
  await done;
  const { last } = await clients.ask({ tell: { name, sent: Array(BURST).fill(sent) } }, "told", name);
  return {
    p50: median(sums.p50),
    p99: median(sums.p99),
    most: Math.max(...sums.most),
    rate: (BURST * 1000) / (last - sent),
  };
}
