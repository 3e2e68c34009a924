import { cpus, loadavg } from "node:os";
import { OBSERVED, recordsOf, startWorker } from "./live-worker.mjs";

/** Records of one submission's append. */
const CHUNK = 500;
/** A steady stream comes this much faster than lived, so that a minute of it takes twelve seconds. */
const SPEED = 5;
const WAYS = [
  { name: "in batches", request: { beds: 100, seconds: 120 }, send: inBatches },
  { name: "one by one, 100 a second", request: { beds: 100, seconds: 60, rate: 1 / 3 }, send: oneByOne },
];

async function inBatches({ eventLog, through }, records) {
  for (let at = 0; at < records.length; at += CHUNK) await eventLog.append(OBSERVED, records.slice(at, at + CHUNK));
  await through();
}

async function oneByOne({ eventLog, through }, records) {
  const began = performance.now();
  const first = records[0].value.receivedAt;
  for (const [index, record] of records.entries()) {
    // Beds do not send at the same millisecond: what came together is spread over its second.
    const due = (record.value.receivedAt - first + (index % 100) * 10) / SPEED;
    const wait = began + due - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    await eventLog.append(OBSERVED, [record]);
  }
  await through();
}

/** What the live worker writes of each record, from its receipt to its windows and alerts, and how fast. */
export default async function run() {
  for (const { name, request, send } of WAYS) {
    const records = recordsOf(request);
    const worker = await startWorker();
    const began = performance.now();
    const cpu = process.cpuUsage();
    await send(worker, records);
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const per = (bytes) => (bytes / records.length).toFixed(0);
    console.log(`\n## journal of the live worker, ${name}\n`);
    console.log(`load ${loadavg()[0].toFixed(1)}, ${cpus().length} cores, ${records.length} records,`);
    console.log(
      `${(records.length / seconds).toFixed(0)} records/s, ${((user + system) / records.length).toFixed(0)} µs of CPU each\n`,
    );
    console.log("| what | bytes a record |\n| --- | --: |");
    const { transactions, ...counted } = await worker.counted();
    for (const [what, bytes] of Object.entries(counted).sort(([, left], [, right]) => right - left))
      console.log(`| ${what} | ${per(bytes)} |`);
    console.log(`\n${(records.length / transactions).toFixed(1)} records a transaction`);
    await worker.close();
  }
}
