// Four producers and one consumer over one event log, until the process is ended from outside or by a fault point.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { dieAt, openLedger, ready, task } from "./child.mjs";

const product = (path) => import(pathToFileURL(join(task.dist, path)).href);
const { createEmbeddedEventLog } = await product("backend/embedded/event-log.js");
const { systemClock } = await product("clock.js");
const { silentLog } = await product("log.js");

const INPUT = "vitals.accepted.v1";
const OUTPUT = "job.changed.v1";
const log = await createEmbeddedEventLog({
  directory: task.directory,
  clock: systemClock,
  log: silentLog,
  segmentBytes: 64 * 1024,
  ringEvents: 64,
  faults: dieAt(task.kill),
});
ready();

let taken = 0;
async function produce(producer) {
  const ledger = openLedger(join(task.ledgers, `producer-${producer}`));
  for (;;) {
    const numbers = Array.from({ length: 1 + (taken % 5) }, () => task.run * 1_000_000 + taken++);
    const positions = await log.append(
      INPUT,
      numbers.map((number) => ({ key: `patient-${producer}-${number % 7}`, value: { number } })),
    );
    ledger.acknowledge(numbers.map((number, index) => ({ number, ...positions[index] })));
  }
}

async function consume(partition) {
  const place = { consumer: "copy", topic: INPUT, partition };
  const { next, state } = await log.consumerState(place);
  let count = state.get("count") ?? 0;
  const others = (await log.positions(INPUT)).filter((range) => range.partition !== partition);
  const from = new Map([[partition, next], ...others.map((range) => [range.partition, range.end])]);
  for await (const event of log.read(INPUT, from, new AbortController().signal)) {
    if (event.partition !== partition) continue;
    count += 1;
    await log.transact(place, (transaction) => {
      transaction.append(OUTPUT, { key: "copy", value: event.value });
      transaction.advance(event.offset + 1n);
      transaction.setState("count", count);
    });
  }
}

await Promise.all([0, 1, 2, 3].flatMap((number) => [produce(number), consume(number)]));
