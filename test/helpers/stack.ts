import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/clock.js";
import { SERVERS, readStatus, startStack, stopStack, type PartName, type Stack } from "../../src/stack/index.js";

/** For `beforeAll`: the first start on a machine fetches everything first. Milliseconds. */
export const STACK_TIMEOUT_MS = 600_000;
/** For a test that stops and starts a part, on a machine that does much else. Milliseconds. */
export const RESTART_TIMEOUT_MS = 240_000;

/** Names the folder of a stack that is up already and stays up; empty or unset: one is started per run. */
const GIVEN = "VITALOME_TEST_STACK";
/** Set by `stack-setup.mjs` for all workers of one run. */
const OF_RUN = "VITALOME_TEST_STACK_OF_RUN";

/**
 * The stack that all test files of one run share: HDFS, Kafka and Spark's Thrift server, empty at first. Tests keep to
 * a folder of HDFS, a prefix of topics and databases of their own, and never stop a part of it. Whoever needs only some
 * parts may say so. A windows query is started by the test that needs one, for its own corner.
 */
export async function stackForTests(parts: readonly PartName[] = SERVERS): Promise<Stack> {
  const given = process.env[GIVEN] ?? "";
  const ofRun = process.env[OF_RUN] ?? "";
  const isWanted = ({ part }: { readonly part: PartName }): boolean => parts.includes(part);
  const isGiven = given !== "" && (await readStatus(given)).filter(isWanted).every(({ state }) => state === "up");
  if (!isGiven && ofRun === "") throw new Error("the run has no folder for a stack: it is set up by jest.config.mjs");
  return start(isGiven ? given : ofRun, parts);
}

/** Environment of a cluster service in a corner of the stack of its own. */
export function clusterEnvironment(stack: Stack, corner: string): Readonly<Record<string, string>> {
  return {
    VITALOME_PROFILE: "cluster",
    HDFS_WEBHDFS_URL: stack.webhdfs,
    HDFS_URL: stack.hdfs,
    HDFS_ROOT: `/${corner}`,
    HDFS_USER: stack.user,
    KAFKA_BROKERS: stack.kafka,
    KAFKA_TOPIC_PREFIX: `${corner}.`,
    SPARK_THRIFT: stack.thrift,
    SPARK_PYTHON: stack.python,
    SPARK_JARS: stack.jars.join(","),
    HDFS_REPLICATION: "1",
    // Spark answers, however little there is.
    VITALOME_NEAR_MB: "0",
  };
}

export interface OwnStack {
  readonly folder: string;
  /** What `up` answered at first; ports stay over restarts, processes do not. */
  readonly stack: Stack;
  /** Stops everything and removes the folder. */
  stop(): Promise<void>;
}

/** A stack for one test file, whose parts it may stop and kill. */
export async function ownStack(parts: readonly PartName[] = SERVERS): Promise<OwnStack> {
  const folder = await mkdtemp(join(tmpdir(), "vitalome-own-stack-"));
  const stop = async (): Promise<void> => {
    await stopStack({ folder, clock: systemClock, graceMs: 0 });
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { folder, stack: await start(folder, parts), stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** SIGKILL: the part ends as in a crash. Returns when it is gone. */
export async function killPart({ folder }: Pick<OwnStack, "folder">, part: PartName): Promise<void> {
  await stopStack({ folder, clock: systemClock, graceMs: 0 }, [part]);
}

/** SIGTERM, and SIGKILL when it does not help. Returns when it is gone. */
export async function stopOnePart({ folder }: Pick<OwnStack, "folder">, part: PartName): Promise<void> {
  await stopStack({ folder, clock: systemClock }, [part]);
}

/** Starts a part that was stopped or killed, at the same address on the same data; returns when it answers. */
export async function startOnePart({ folder }: Pick<OwnStack, "folder">, part: PartName): Promise<void> {
  await start(folder, [part]);
}

export async function restartPart(own: Pick<OwnStack, "folder">, part: PartName): Promise<void> {
  await stopOnePart(own, part);
  await startOnePart(own, part);
}

async function start(folder: string, parts?: readonly PartName[]): Promise<Stack> {
  const options = { folder, environment: process.env, clock: systemClock, say: () => undefined };
  return (await startStack(options, parts)).stack;
}
