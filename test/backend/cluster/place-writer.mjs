/**
 * Takes the place of one consumer on four partitions, and from then on, for every input, writes an output with the
 * input's id, an entry of the state and the next position, until it is killed. Arguments: dist, broker, prefix, inputs.
 */
const [dist, broker, prefix, inputs] = process.argv.slice(2);
const { createClusterEventLog } = await import(`${dist}/backend/cluster/event-log.js`);
const { systemClock } = await import(`${dist}/clock.js`);
const { silentLog } = await import(`${dist}/log.js`);

const log = await createClusterEventLog({ brokers: [broker], prefix, clock: systemClock, log: silentLog });
const TOPIC = "vitals.observed.v1";

async function work(partition) {
  const place = { consumer: "evaluate", topic: TOPIC, partition };
  const { next, state } = await log.consumerState(place);
  if (next !== BigInt(state.get("done") ?? 0)) throw new Error("the state is not that of the position");
  process.send({ taken: partition });
  let pending = [];
  for (let offset = Number(next); offset < Number(inputs); offset += 1) {
    pending.push(
      log.transact(place, (transaction) => {
        const id = `${partition}:${offset}`;
        transaction.append("vitals.accepted.v1", { key: id, value: id });
        if (offset % 5 === 0) transaction.append("alert.transitioned.v1", { key: id, value: id });
        transaction.setState("done", offset + 1);
        transaction.advance(BigInt(offset + 1));
      }),
    );
    if (pending.length === 8) {
      await Promise.all(pending);
      pending = [];
    }
  }
  await Promise.all(pending);
}

await Promise.all([0, 1, 2, 3].map(work));
await log.close();
process.send({ done: true });
process.disconnect();
