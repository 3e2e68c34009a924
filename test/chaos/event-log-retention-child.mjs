// Producers and a consumer over an event log whose hours are milliseconds, so that old segments go all the time.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { dieAt, openLedger, ready, task } from "./child.mjs";

const product = (path) => import(pathToFileURL(join(task.dist, path)).href);
const { createEmbeddedEventLog } = await product("backend/embedded/event-log.js");
const { systemClock } = await product("clock.js");
const { silentLog } = await product("log.js");

const HOUR = 3_600_000;
const INPUT = "vitals.windowed.v1";
const LATEST = "job.changed.v1";
const log = await createEmbeddedEventLog({
  directory: task.directory,
  clock: {
    now: () => (Date.now() - task.epoch) * HOUR,
    sleep: (ms, signal) => systemClock.sleep(ms >= HOUR ? 5 : ms, signal),
  },
  log: silentLog,
  segmentBytes: 16 * 1024,
  ringEvents: 64,
  retention: { keepMs: 48 * HOUR, maxBytes: null },
  faults: dieAt(task.kill),
});
ready();

let taken = 0;
async function produce(producer) {
  const ledger = openLedger(join(task.ledgers, `producer-${producer}`));
  const latest = openLedger(join(task.latest, String(producer), "latest"));
  for (;;) {
    const numbers = Array.from({ length: 1 + (taken % 5) }, () => task.run * 1_000_000 + taken++);
    const key = `patient-${producer}-${numbers[0] % 7}`;
    const positions = await log.append(
      INPUT,
      numbers.map((number) => ({ key, value: { number } })),
    );
    ledger.acknowledge(numbers.map((number, index) => ({ number, ...positions[index] })));
    const [place] = await log.append(LATEST, [{ key, value: { number: numbers[0], key } }]);
    latest.acknowledge([{ number: numbers[0], ...place }]);
  }
}

async function consume(partition) {
  const place = { consumer: "count", topic: INPUT, partition };
  const { next, state } = await log.consumerState(place);
  let count = state.get("count") ?? 0;
  const others = (await log.positions(INPUT)).filter((range) => range.partition !== partition);
  const from = new Map([[partition, next], ...others.map((range) => [range.partition, range.end])]);
  for await (const event of log.read(INPUT, from, new AbortController().signal)) {
    if (event.partition !== partition) continue;
    // A gap would make the count differ from the position.
    if (event.kind === "event") count += 1;
    await log.transact(place, (transaction) => {
      transaction.advance(event.kind === "gap" ? event.to : event.offset + 1n);
      transaction.setState("count", count);
    });
  }
}

await Promise.all([0, 1, 2, 3].flatMap((number) => [produce(number), consume(number)]));
