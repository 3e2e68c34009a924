import type { EventLog } from "../../backend/index.js";
import type { Clock } from "../../clock.js";
import type { Log } from "../../log.js";
import { AT_ONCE, openPartitionLoop, type LoopBody, type LoopPace, type PartitionLoop } from "./partition-loop.js";
import { createInbox, pumpTopic } from "./topic-pump.js";

export interface ConsumerOptions {
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Names the place, and so what is remembered. */
  readonly consumer: string;
  /** Topics of equal partitions, each partition read by one loop; the first is the one places are kept in. */
  readonly topics: readonly [string, ...string[]];
  /** A topic of one partition that every loop reads. */
  readonly everywhere?: string;
  readonly isInputTime: boolean;
  /** Default: `AT_ONCE`. */
  readonly pace?: LoopPace;
  readonly bodyOf: (loop: PartitionLoop, partition: number) => Promise<LoopBody> | LoopBody;
}

/** How far a consumer is behind the log. */
export interface Progress {
  readonly consumer: string;
  /** Records that wait, at most: offsets have holes. */
  readonly behind: number;
  /** Where it stands, as text: the same while it does nothing. */
  readonly place: string;
}

export interface Consumer {
  /** Resolves when the signal has ended it. */
  run(): Promise<void>;
  progress(): Promise<Progress>;
}

/** Opens one loop per partition. */
export async function openConsumer(options: ConsumerOptions): Promise<Consumer> {
  const { eventLog, clock, log, signal, consumer, topics, everywhere, isInputTime, pace = AT_ONCE, bodyOf } = options;
  const [main, ...others] = topics;
  const partitions = (await eventLog.positions(main)).map(({ partition }) => partition);
  const loops = await Promise.all(
    partitions.map(async (partition) => {
      const inbox = createInbox(signal);
      const beside = others.map((topic) => ({ topic, partition }));
      const shared = everywhere === undefined ? [] : [{ topic: everywhere, partition: 0 }];
      const loop = await openPartitionLoop({
        ...{ eventLog, clock, log, signal, consumer, inbox, isInputTime, pace },
        inputs: [{ topic: main, partition }, ...beside, ...shared],
      });
      return { inbox, loop, body: await bodyOf(loop, partition) };
    }),
  );

  const read = topics.map((topic) => ({
    topic,
    from: new Map(loops.map(({ loop }, partition) => [partition, loop.next.get(topic) ?? 0n])),
    inboxesOf: (partition: number) => loops.slice(partition, partition + 1).map(({ inbox }) => inbox),
  }));
  if (everywhere !== undefined) {
    const places = loops.map(({ loop }) => loop.next.get(everywhere) ?? 0n);
    read.push({
      topic: everywhere,
      // Each loop drops what it has done already.
      from: new Map([[0, places.reduce((least, place) => (place < least ? place : least), places[0] ?? 0n)]]),
      inboxesOf: () => loops.map(({ inbox }) => inbox),
    });
  }
  return {
    async run() {
      const pumps = read.map((pump) => pumpTopic({ eventLog, log, signal, ...pump }));
      await Promise.all([...pumps, ...loops.map(({ loop, body }) => loop.run(body))]);
    },
    async progress() {
      let behind = 0n;
      for (const topic of topics) {
        const ranges = await eventLog.positions(topic);
        loops.forEach(({ loop }, partition) => {
          const { start = 0n, end = 0n } = ranges[partition] ?? {};
          const next = loop.next.get(topic) ?? 0n;
          const from = next > start ? next : start;
          if (end > from) behind += end - from;
        });
      }
      const place = loops.map(({ loop }) => [...loop.next.values()].join(" ")).join(" ");
      return { consumer, behind: Number(behind), place };
    },
  };
}
