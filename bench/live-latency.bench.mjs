import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { startService } from "./service.mjs";

/** Observations a second; `LIVE_RATES=100,1000` runs fewer. */
const RATES = (process.env.LIVE_RATES ?? "100,1000,10000").split(",").map(Number);
const SECONDS = 10;
/** Before what is measured the same goes on for as long as this: a service in use is not a new one. */
const WARM_UP_SECONDS = 10;
/** Of them so many a second call: each is the first critical one of its patient. */
const CALLS = 20;
/** As a gateway gathers: a request every so often. */
const TICK_MS = 50;
/** After the last observation nobody waits longer for what is still missing. */
const PATIENCE_MS = 60_000;
const BEDS = 1_000;
const RULE = "spo2-critical";
const QUERY = `subscription { alerts { cursor sequence event { __typename ... on AlertChange {
  alert { id patientId ruleId version priority presence message value unit onset raisedAt } transition { at reason } } } } }`;
/** A stack that is up, for the same in the cluster. */
const STACK = process.env.VITALOME_BENCH_STACK ?? "";

/** One person for every call, and those whose readings are as they should be. */
async function admit(service) {
  const folder = mkdtempSync(join(tmpdir(), "vitalome-people-"));
  const path = join(folder, "people.ndjson");
  const ids = [
    ...Array.from({ length: BEDS }, (_, bed) => `bed-${bed}`),
    ...Array.from({ length: CALLS * SECONDS * RATES.length + 1 }, (_, call) => `call-${call}`),
  ];
  const people = ids.map((id) => JSON.stringify({ resourceType: "Patient", id, birthDate: "1950-06-15" }));
  writeFileSync(path, people.join("\n"));
  await service.cli(["ingest-clinical", path, "--output", "json"]);
  rmSync(folder, { recursive: true, force: true });
}

/** A subscriber: by patient, when the first step of their alert came. */
async function subscribe({ url, token }) {
  const socket = new WebSocket(url.replace("http", "ws"), ["graphql-transport-ws"], { perMessageDeflate: false });
  const came = new Map();
  const seen = { came, sample: null, close: () => socket.close() };
  await once(socket, "open");
  const isLive = new Promise((resolve) => {
    socket.on("message", (data) => {
      const text = data.toString();
      if (text.includes('"connection_ack"'))
        socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: QUERY } }));
      else if (text.includes(RULE)) {
        seen.sample ??= text;
        const [, patientId] = /"patientId":"([^"]+)"/.exec(text) ?? [];
        if (!came.has(patientId)) came.set(patientId, performance.now());
      } else if (text.includes("StreamHeartbeat")) resolve();
    });
  });
  if (token !== "") {
    socket.send(JSON.stringify({ type: "connection_init", payload: { token } }));
    await isLive;
  }
  return seen;
}

let sequence = 0;
function lineOf(patientId, code, value, unit) {
  sequence += 1;
  const device = { deviceId: `monitor-${patientId}`, session: "bench", sequence };
  return JSON.stringify({ ...device, patientId, code, value, unit, eventTime: new Date().toISOString() });
}

/** Sends at a steady rate; answers when each call was sent, and how long the sending took, in milliseconds. */
async function feed({ url, token }, { rate, seconds, callOf }) {
  const sent = new Map();
  const headers = { "content-type": "application/x-ndjson", authorization: `Bearer ${token}` };
  const target = new URL("/observations?source=bench&simulated=true", url);
  const began = performance.now();
  const total = rate * seconds;
  const pending = new Set();
  let calls = 0;
  for (let done = 0; done < total;) {
    const passed = performance.now() - began;
    const due = Math.min(total, Math.floor((passed * rate) / 1000));
    const lines = [];
    for (; done < due; done += 1) {
      if (Math.floor((done * CALLS) / rate) >= calls) {
        const patientId = callOf(calls);
        calls += 1;
        if (patientId === null) continue;
        lines.push(lineOf(patientId, "2708-6", 80, "%"));
        sent.set(patientId, performance.now());
      } else lines.push(lineOf(`bed-${done % BEDS}`, "8867-4", 70 + (done % 9), "/min"));
    }
    if (lines.length > 0) {
      const answered = fetch(target, { method: "POST", headers, body: lines.join("\n") }).then(async (answer) => {
        const text = await answer.text();
        if (!answer.ok) throw new Error(text);
        pending.delete(answered);
      });
      pending.add(answered);
      // Whoever sends faster than it is taken waits, as a gateway would.
      if (pending.size >= 16) await Promise.race(pending);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await Promise.all(pending);
  return { sent, tookMs: performance.now() - began };
}

/** Processor time that a process has used; hundredths of a second are as fine as it is told. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function measure(target, rate, firstCall) {
  const seen = await subscribe(target);
  await feed(target, { rate, seconds: WARM_UP_SECONDS, callOf: () => null });
  const cpuBefore = cpuSeconds(target.pid);
  const { sent, tookMs } = await feed(target, {
    ...{ rate, seconds: SECONDS },
    callOf: (call) => `call-${firstCall + call}`,
  });
  const ended = performance.now();
  const isMissing = () => [...sent.keys()].some((patientId) => !seen.came.has(patientId));
  while (isMissing() && performance.now() - ended < PATIENCE_MS)
    await new Promise((resolve) => setTimeout(resolve, 20));
  seen.close();
  const delays = [...sent].flatMap(([id, at]) => (seen.came.has(id) ? [seen.came.get(id) - at] : []));
  const sorted = delays.sort((one, other) => one - other);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
  return {
    ...{ p50: at(0.5), p99: at(0.99), most: sorted.at(-1) ?? NaN, missing: sent.size - sorted.length },
    perSecond: (rate * SECONDS * 1000) / tookMs,
    cpuUs: ((cpuSeconds(target.pid) - cpuBefore) / (rate * SECONDS)) * 1e6,
  };
}

async function startPeer(sample, broker) {
  const given = JSON.stringify({ sample, broker });
  const child = spawn(process.execPath, [join(import.meta.dirname, "live-peer.mjs"), given], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [text] = await once(child.stdout, "data");
  return {
    ...JSON.parse(text.toString()),
    pid: child.pid,
    async stop() {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

/** The message a subscriber gets, with a place for the patient: what the peer sends. */
async function sampleOf(service, patientId) {
  const seen = await subscribe(service);
  const body = lineOf(patientId, "2708-6", 80, "%");
  const headers = { "content-type": "application/x-ndjson", authorization: `Bearer ${service.token}` };
  const target = new URL("/observations?source=bench&simulated=true", service.url);
  await fetch(target, { method: "POST", headers, body });
  while (seen.sample === null) await new Promise((resolve) => setTimeout(resolve, 20));
  seen.close();
  return seen.sample.replaceAll(patientId, "PATIENT");
}

async function profile(name, peerName, environment, broker) {
  const service = await startService(environment);
  await admit(service);
  const sample = await sampleOf(service, `call-${CALLS * SECONDS * RATES.length}`);
  const peer = await startPeer(sample, broker);
  console.log(`\n## from an observation to its alert at a subscriber, ${name}\n`);
  console.log(
    `load ${loadavg()[0].toFixed(1)}, ${cpus().length} cores, ${SECONDS} s each after ${WARM_UP_SECONDS} s of the same, ${CALLS} alerts a second,`,
  );
  console.log(`${BEDS} patients beside, ${sample.length} bytes a message\n`);
  console.log(
    "| way | observations/s | sent/s | p50 ms | p99 ms | most ms | not seen | p99 to peer | CPU µs each | load |",
  );
  console.log("| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |");
  for (const [index, rate] of RATES.entries()) {
    let bare = null;
    for (const [way, target] of [
      [peerName, peer],
      ["vitalome", service],
    ]) {
      const found = await measure(target, rate, index * CALLS * SECONDS);
      bare ??= found;
      const { p50, p99, most, missing, perSecond, cpuUs } = found;
      const figures = [p50, p99, most].map((ms) => ms.toFixed(1)).join(" | ");
      const ratio = (p99 / bare.p99).toFixed(1);
      console.log(
        `| ${way} | ${rate} | ${perSecond.toFixed(0)} | ${figures} | ${missing} | ${ratio} | ${cpuUs.toFixed(0)} | ${loadavg()[0].toFixed(1)} |`,
      );
    }
  }
  await peer.stop();
  await service.stop();
}

/** Observation to alert at a subscriber over graphql-transport-ws, beside a durable write and a broadcast of the same bytes. */
export default async function run() {
  await profile("embedded", "flushed file, ws broadcast", {}, null);
  if (STACK === "" || !existsSync(join(STACK, "stack.json"))) {
    console.log("\nin the cluster: not measured (VITALOME_BENCH_STACK names no running stack)");
    return;
  }
  const stack = JSON.parse(readFileSync(join(STACK, "stack.json"), "utf8"));
  const environment = {
    ...{ VITALOME_PROFILE: "cluster", HDFS_WEBHDFS_URL: stack.webhdfs, HDFS_URL: stack.hdfs, HDFS_USER: stack.user },
    ...{ HDFS_ROOT: `/bench${process.pid}`, HDFS_REPLICATION: "1", KAFKA_BROKERS: stack.kafka },
    ...{ KAFKA_TOPIC_PREFIX: `bench${process.pid}.`, SPARK_THRIFT: stack.thrift, SPARK_PYTHON: stack.python },
  };
  await profile("cluster", "kafkajs send, consume, ws broadcast", environment, stack.kafka);
}
