// Fills a small disk with events, makes room and goes on, again and again; prints what was found as one JSON line.
import { appendFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { task } from "./child.mjs";

const product = (path) => import(pathToFileURL(join(task.dist, path)).href);
const { createEmbeddedEventLog } = await product("backend/embedded/event-log.js");
const { systemClock } = await product("clock.js");
const { silentLog } = await product("log.js");

const TOPIC = "vitals.accepted.v1";
const ROOM = 1024 * 1024;
const ballast = join(task.directory, "ballast");
const open = () =>
  createEmbeddedEventLog({
    directory: join(task.directory, "log"),
    clock: systemClock,
    log: silentLog,
    segmentBytes: ROOM / 2,
  });

async function readNumbers(log, count) {
  const stop = new AbortController();
  const numbers = [];
  for await (const event of log.read(TOPIC, new Map(), stop.signal)) {
    if (numbers.push(event.value.number) === count) stop.abort();
  }
  return numbers;
}

const acknowledged = [];
const codes = new Set();
let readable = 0;
let taken = 0;
let log = await open();
for (let cycle = 0; cycle < task.cycles; cycle += 1) {
  const { bavail, bsize } = statfsSync(task.directory);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - ROOM)));
  for (let refused = 0; refused < 3;) {
    const numbers = Array.from({ length: 50 }, () => taken++);
    try {
      await log.append(
        TOPIC,
        numbers.map((number) => ({ key: `p${number % 9}`, value: { number, pad: "x".repeat(1000) } })),
      );
      acknowledged.push(...numbers);
    } catch (thrown) {
      codes.add(thrown.code);
      refused += 1;
    }
  }
  if ((await readNumbers(log, acknowledged.length)).length === acknowledged.length) readable += 1;
  // Not a byte is left while the index, too, wants to be written.
  try {
    for (;;) appendFileSync(ballast, Buffer.alloc(4096));
  } catch {
    await systemClock.sleep(150);
  }
  rmSync(ballast);
}
await log.close();
log = await open();
const ranges = await log.positions(TOPIC);
const numbers = await readNumbers(
  log,
  ranges.reduce((sum, { end }) => sum + Number(end), 0),
);
await log.close();
const same = [...acknowledged].sort((a, b) => a - b).join() === numbers.sort((a, b) => a - b).join();
console.log(JSON.stringify({ codes: [...codes], readable, same, some: acknowledged.length > 1000 }));
