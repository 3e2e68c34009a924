import { VitalomeError, isVitalomeError } from "../../errors.js";
import type { ConsumerPlace, ConsumerState, Position } from "../index.js";
import type { Submission } from "../log/submission.js";
import { positionsOf, recordsOf } from "./log-append.js";
import { foldPlace, placeKey, stateRecords, type PlaceFold } from "./log-places.js";
import { createLogQueue, type Waiting } from "./log-queue.js";
import { failOn, faultOf, isFenced, refusal } from "./kafka-errors.js";
import type { KafkaNet } from "./kafka-net.js";
import { openSession, produce, type OutRecord, type ProducerSession } from "./kafka-produce.js";

/** The only writer of one consumer's place in this process; of several processes the one that asked last. */
export interface PlaceWriter {
  transact(submission: Submission): Promise<readonly Position[]>;
  /** Takes the place, also from another process, and says where the consumer stands. */
  take(): Promise<ConsumerState>;
  idle(): Promise<void>;
}

/** Longer than the patience of a write, so that only a process that stood still loses its place by it. */
const TRANSACTION_TIMEOUT_MS = 60_000;

/**
 * One transactional producer per place: its id is the place's, so a successor ends what its predecessor left open, and
 * the predecessor's next write is refused. All that waits is one Kafka transaction: events, state and position.
 */
export function createPlaceWriter(net: KafkaNet, prefix: string, place: ConsumerPlace, waiting: Waiting): PlaceWriter {
  const name = placeKey(place);
  const transactionalId = prefix + name;
  let session: ProducerSession | null = null;
  /** Where the place stands as far as this process knows; null before it was taken. */
  let known: Pick<PlaceFold, "next" | "toldAt"> | null = null;
  let lost: VitalomeError | null = null;

  async function begin(): Promise<PlaceFold> {
    const opened = await openSession(net, transactionalId, TRANSACTION_TIMEOUT_MS);
    const fold = await foldPlace(net, prefix, name);
    session = opened;
    return fold;
  }

  /** After a failure it is not known what was written last, and by whom: then only whoever asks anew may go on. */
  async function ensureOwned(): Promise<ProducerSession> {
    if (lost !== null) throw lost;
    if (session === null) {
      const { next, toldAt } = await begin();
      if (known !== null && known.toldAt !== toldAt) {
        session = null;
        lost = conflict("what this consumer wrote last is not what it knows of");
        throw lost;
      }
      known = { next, toldAt };
    }
    if (session === null) throw new TypeError("no session after it was opened");
    return session;
  }

  async function coordinate(api: string, mine: ProducerSession, parameters: object): Promise<void> {
    const { producerId, epoch: producerEpoch } = mine;
    await net.patiently(async () => {
      const link = await net.coordinator(transactionalId);
      const answer = (await link.send(api, { transactionalId, producerId, producerEpoch, ...parameters })) as {
        readonly errorCode?: number;
        readonly errors?: readonly {
          readonly partitionErrors: readonly { readonly partition: number; readonly errorCode: number }[];
        }[];
      };
      failOn(answer.errorCode ?? 0);
      const codes = (answer.errors ?? []).flatMap(({ partitionErrors }) => partitionErrors.map((one) => one.errorCode));
      // Every partition but the faulty ones is answered with "not attempted": the fault itself counts.
      const code = codes.find((one) => one !== 0 && one !== OPERATION_NOT_ATTEMPTED) ?? codes.find((one) => one !== 0);
      if (code !== undefined) throw faultOf(code);
    });
  }

  async function commit(mine: ProducerSession, records: readonly OutRecord[]): Promise<(number | undefined)[]> {
    const offsets: (number | undefined)[] = [];
    await coordinate("AddPartitionsToTxn", mine, { topics: partitionsOf(records) });
    await produce(net, mine, records, offsets);
    await coordinate("EndTxn", mine, { transactionResult: true });
    return offsets;
  }

  async function write(group: readonly Submission[]): Promise<readonly (readonly Position[])[]> {
    const mine = await ensureOwned();
    const progress = group.flatMap(({ progress: one }) => (one === null ? [] : [one]));
    const next = progress.findLast((one) => one.next !== null)?.next ?? known?.next ?? 0;
    const records = [
      ...group.flatMap((submission) => recordsOf(submission, prefix)),
      ...stateRecords(prefix, name, next, progress),
    ];
    try {
      const offsets = await commit(mine, records);
      known = { next, toldAt: offsets.at(-1) ?? null };
      return positionsOf(group, records, offsets);
    } catch (thrown) {
      session = null;
      if (!isFenced(thrown)) {
        // What is left open holds readers up; a successor or the broker ends it if this fails.
        if (!isVitalomeError(thrown))
          await coordinate("EndTxn", mine, { transactionResult: false }).catch(() => undefined);
        throw thrown;
      }
      lost = conflict("another worker took this consumer's place over", thrown);
      throw lost;
    }
  }

  async function inWords<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      throw isVitalomeError(thrown) ? thrown : refusal(thrown);
    }
  }

  const queue = createLogQueue(waiting, (group) => inWords(() => write(group)));

  return {
    transact: queue.submit,
    take: () =>
      queue.exclusive(() =>
        inWords(async () => {
          // Also of a place it holds: this waits until what it wrote last can be seen.
          const fold = await begin();
          known = fold;
          lost = null;
          const entries = [...fold.state].map(([key, json]) => [key, JSON.parse(json) as unknown] as const);
          return { next: BigInt(fold.next), state: new Map(entries) };
        }),
      ),
    idle: queue.idle,
  };
}

const OPERATION_NOT_ATTEMPTED = 55;

function conflict(message: string, cause?: unknown): VitalomeError {
  return new VitalomeError("CONFLICT", `${message}: ask where it stands before going on`, { cause });
}

function partitionsOf(records: readonly OutRecord[]): readonly { topic: string; partitions: readonly number[] }[] {
  const topics = [...new Set(records.map(({ topic }) => topic))];
  return topics.map((topic) => ({
    topic,
    partitions: [...new Set(records.filter((one) => one.topic === topic).map(({ partition }) => partition))],
  }));
}
