/**
 * The barest that could carry an observation to a subscriber: takes bodies by HTTP, makes them durable, and writes given bytes to
 * every WebSocket for each line that calls. Durable is a flushed file, or, where a broker is named, an idempotent send to Kafka,
 * which another connection consumes. `node live-peer.mjs '{"sample": "...", "broker": null}'` prints where it listens.
 */
import { fdatasync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { WebSocketServer } from "ws";

const { sample, broker } = JSON.parse(process.argv[2]);
const MARK = /"patientId":"(call-\d+)"/g;

function broadcast(lines) {
  for (const [, patientId] of lines.matchAll(MARK)) {
    const bytes = sample.replaceAll("PATIENT", patientId);
    for (const socket of sockets.clients) socket.send(bytes, { binary: false });
  }
}

/** Bodies that come during a flush share the next one. */
function createFile() {
  const folder = mkdtempSync(join(tmpdir(), "vitalome-peer-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = openSync(join(folder, "journal"), "a");
  let waiting = [];
  let isFlushing = false;
  const flush = () => {
    const group = waiting;
    waiting = [];
    isFlushing = group.length > 0;
    if (!isFlushing) return;
    writeSync(file, group.map(({ body }) => body).join("\n"));
    fdatasync(file, () => {
      for (const { body, done } of group) {
        broadcast(body);
        done();
      }
      flush();
    });
  };
  return (body) =>
    new Promise((done) => {
      waiting.push({ body, done });
      if (!isFlushing) flush();
    });
}

async function createKafka() {
  const topic = `peer${process.pid}`;
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 4 }] });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const consumer = kafka.consumer({ groupId: topic });
  await consumer.connect();
  await consumer.subscribe({ topic });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({ eachMessage: ({ message }) => Promise.resolve(broadcast(message.value.toString())) });
  await joined;
  process.once("SIGTERM", async () => {
    await consumer.disconnect();
    await producer.disconnect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
    process.exit();
  });
  return (body) => producer.send({ topic, messages: body.split("\n").map((value) => ({ value })) });
}

const keep = broker === null ? createFile() : await createKafka();
if (broker === null) process.once("SIGTERM", () => process.exit());
const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", async () => {
    await keep(Buffer.concat(chunks).toString("utf8"));
    response.end("{}");
  });
});
const sockets = new WebSocketServer({ server });
server.listen(0, "127.0.0.1", () =>
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}/graphql`, token: "" })),
);
