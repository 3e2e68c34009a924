import { systemClock } from "../../clock.js";
import { isVitalomeError } from "../../errors.js";
import { canAskAgain, failOn, faultOf, hasCode, KAFKA, noAnswer, outOfReach, refusal } from "./kafka-errors.js";
import { openLink, type KafkaAddress, type KafkaLink } from "./kafka-link.js";

export interface TopicMetadata {
  readonly topic: string;
  readonly error: number;
  /** Per partition its leader's node; -1 while there is none. */
  readonly leaders: readonly number[];
}

/** What is known of the brokers, and one shared connection to each. */
export interface KafkaNet {
  /** Asked of any broker, each time. */
  metadata(topics: readonly string[]): Promise<readonly TopicMetadata[]>;
  /** The node that leads each partition of the topic. */
  leaders(topic: string): Promise<readonly number[]>;
  /** The shared connection to a node. */
  node(id: number): Promise<KafkaLink>;
  /** A connection of one's own, for requests that wait; whoever asked closes it. */
  dedicated(id: number): Promise<KafkaLink>;
  any(): Promise<KafkaLink>;
  coordinator(transactionalId: string): Promise<KafkaLink>;
  /** What was known of leaders and coordinators may have changed. */
  forget(): void;
  /**
   * Repeats the work while Kafka is away or not ready, up to the patience; then BACKEND_UNAVAILABLE.
   * A refusal is thrown as it is; `inWords` gives it our words.
   */
  patiently<T>(work: () => Promise<T>): Promise<T>;
  inWords<T>(work: () => Promise<T>): Promise<T>;
  /** Aborted by `close`. */
  readonly signal: AbortSignal;
  close(): void;
}

export interface KafkaNetOptions {
  /** `host:port` of some of the brokers. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Milliseconds. */
  readonly patienceMs: number;
}

interface MetadataAnswer {
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
  readonly topicMetadata: readonly {
    readonly topicErrorCode: number;
    readonly topic: string;
    readonly partitionMetadata: readonly { readonly partitionId: number; readonly leader: number }[];
  }[];
}

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 500;
const COORDINATOR_OF_TRANSACTIONS = 1;

export function createKafkaNet({ brokers, clientId, patienceMs }: KafkaNetOptions): KafkaNet {
  const seeds = brokers.map(parseAddress);
  const nodes = new Map<number, KafkaAddress>();
  const links = new Map<string, Promise<KafkaLink>>();
  const own = new Set<KafkaLink>();
  const leadersOf = new Map<string, readonly number[]>();
  const coordinators = new Map<string, number>();
  const closing = new AbortController();

  async function open(address: KafkaAddress): Promise<KafkaLink> {
    if (closing.signal.aborted) throw closed();
    const link = await openLink(address, clientId);
    if (closing.signal.aborted) {
      link.close();
      throw closed();
    }
    return link;
  }

  /** The shared connection; a broken one is replaced. */
  async function shared(address: KafkaAddress): Promise<KafkaLink> {
    const name = `${address.host}:${String(address.port)}`;
    const known = links.get(name);
    if (known !== undefined) {
      const link = await known;
      if (link.isOpen) return link;
    }
    if (links.get(name) === known) {
      const opening = open(address);
      links.set(name, opening);
      opening.catch(() => {
        if (links.get(name) === opening) links.delete(name);
      });
    }
    return links.get(name) ?? shared(address);
  }

  async function any(): Promise<KafkaLink> {
    let last: unknown = noAnswer("no broker is known");
    for (const address of [...nodes.values(), ...seeds]) {
      try {
        return await shared(address);
      } catch (thrown) {
        last = thrown;
      }
    }
    throw last;
  }

  async function metadata(topics: readonly string[]): Promise<readonly TopicMetadata[]> {
    const link = await any();
    const answer = (await link.send("Metadata", { topics, allowAutoTopicCreation: false })) as MetadataAnswer;
    if (answer.brokers.length > 0) nodes.clear();
    for (const { nodeId, host, port } of answer.brokers) nodes.set(nodeId, { host, port });
    return answer.topicMetadata.map(({ topic, topicErrorCode, partitionMetadata }) => {
      const leaders: number[] = [];
      for (const { partitionId, leader } of partitionMetadata) leaders[partitionId] = leader;
      return { topic, error: topicErrorCode, leaders };
    });
  }

  async function addressOf(id: number): Promise<KafkaAddress> {
    if (!nodes.has(id)) await metadata([]);
    const address = nodes.get(id);
    if (address === undefined) throw noAnswer("the broker is not there");
    return address;
  }

  function forget(): void {
    leadersOf.clear();
    coordinators.clear();
  }

  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    const until = Date.now() + patienceMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        return await work();
      } catch (thrown) {
        if (closing.signal.aborted) throw outOfReach(thrown);
        if (!canAskAgain(thrown)) throw thrown;
        if (Date.now() + pause >= until) throw outOfReach(thrown);
        if (!hasCode(thrown, KAFKA.concurrentTransactions)) forget();
        await systemClock.sleep(pause, closing.signal).catch(() => undefined);
      }
    }
  }

  return {
    metadata,
    async leaders(topic) {
      const known = leadersOf.get(topic);
      if (known !== undefined) return known;
      const [found] = await metadata([topic]);
      if (found === undefined) throw faultOf(KAFKA.unknownTopicOrPartition);
      failOn(found.error);
      if (!found.leaders.includes(-1)) leadersOf.set(topic, found.leaders);
      return found.leaders;
    },
    node: async (id) => shared(await addressOf(id)),
    async dedicated(id) {
      const link = await open(await addressOf(id));
      own.add(link);
      return {
        ...link,
        get isOpen() {
          return link.isOpen;
        },
        close() {
          own.delete(link);
          link.close();
        },
      };
    },
    any,
    async coordinator(transactionalId) {
      let id = coordinators.get(transactionalId);
      if (id === undefined) {
        const parameters = { groupId: transactionalId, coordinatorType: COORDINATOR_OF_TRANSACTIONS };
        const answer = (await (await any()).send("GroupCoordinator", parameters)) as {
          readonly errorCode: number;
          readonly coordinator: { readonly nodeId: number; readonly host: string; readonly port: number };
        };
        failOn(answer.errorCode);
        const { nodeId, host, port } = answer.coordinator;
        nodes.set(nodeId, { host, port });
        coordinators.set(transactionalId, nodeId);
        id = nodeId;
      }
      return shared(await addressOf(id));
    },
    forget,
    patiently,
    async inWords(work) {
      try {
        return await patiently(work);
      } catch (thrown) {
        throw isVitalomeError(thrown) ? thrown : refusal(thrown);
      }
    },
    signal: closing.signal,
    close() {
      closing.abort(new Error("closed"));
      for (const link of own) link.close();
      for (const opening of links.values())
        opening.then(
          (link) => {
            link.close();
          },
          () => undefined,
        );
      links.clear();
    },
  };
}

function closed(): Error {
  return noAnswer("the event log is closed");
}

/** `host:port`, or `[v6]:port`. */
function parseAddress(broker: string): KafkaAddress {
  const at = broker.lastIndexOf(":");
  return { host: broker.slice(0, at).replace(/^\[(.*)\]$/, "$1"), port: Number(broker.slice(at + 1)) };
}
