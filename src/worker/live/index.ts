import { setMaxListeners } from "node:events";
import type { EventLog, ForeignTopics, LoggedEvent } from "../../backend/index.js";
import type { Clock } from "../../clock.js";
import { knowledgeFrom, type KnowledgeFold } from "../../domain/alert/knowledge.js";
import type { AlertRule } from "../../domain/alert/rule.js";
import type { RegistryChanged } from "../../domain/events/state.js";
import { isVitalomeError, messageOf } from "../../errors.js";
import { ALERT_COMMANDED } from "../../ingest/streams/alert.js";
import { LABS_OBSERVED, VITALS_ACCEPTED, VITALS_OBSERVED, VITALS_WINDOWED } from "../../ingest/streams/observation.js";
import { REGISTRY_CHANGED, parseRegistryChange } from "../../ingest/streams/registry.js";
import type { Log } from "../../log.js";
import { readHistory } from "../history.js";
import { whileAway } from "../while-away.js";
import { openConsumer } from "./consumer.js";
import { createEvaluation } from "./evaluation.js";
import { createIntake } from "./intake.js";
import { watchProgress } from "./progress.js";
import { PASSING, type LoopPace, type PartitionLoop } from "./partition-loop.js";
import { openRelay, type Relay } from "./relay.js";
import type { PeopleDirectory } from "./people-directory.js";
import { createWindows } from "./windows.js";

export interface LiveWorkerOptions {
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly foreign: ForeignTopics;
  readonly people: PeopleDirectory;
  /** Rules that hold until the registry says otherwise. */
  readonly rules: readonly AlertRule[];
  /** Readings alone tell the time. */
  readonly isInputTime: boolean;
  /** Windows are computed here; else a streaming job does it. */
  readonly withWindows: boolean;
}

export interface LiveWorker {
  /** What is wrong; null while all is well. */
  fault(): string | null;
  /** Records that waited to be judged or evaluated a moment ago, at most; null: not known. */
  behind(): number | null;
  /** Topics that foreign producers write to, and what is wrong with some of them. */
  foreign(): ReturnType<Relay["status"]>;
  /** Resolves with the reason when another worker has taken its place. */
  readonly displaced: Promise<string>;
  close(): Promise<void>;
}

/** With each step every window that it touches is written again: no more often than the streaming job of the cluster does. */
const WINDOWS_PACE: LoopPace = { atOnce: 4_000, restMs: 2_000 };
const DISPLACED = "another worker has taken this one's place";

/** The only one that judges readings and moves alerts: intake, evaluation and, where nobody else does it, windows. */
export async function startLiveWorker(options: LiveWorkerOptions): Promise<LiveWorker> {
  const { eventLog, foreign, clock, log, people, rules, isInputTime, withWindows } = options;
  const stop = new AbortController();
  const { signal } = stop;
  // Every loop and every pump waits for it.
  setMaxListeners(0, signal);
  let fault: string | null = null;
  let tellDisplaced: (reason: string) => void = () => undefined;
  const displaced = new Promise<string>((resolve) => {
    tellDisplaced = resolve;
  });
  await people.update();
  const registered = await readHistory(eventLog, REGISTRY_CHANGED);
  const common = { eventLog, clock, log, signal, isInputTime, everywhere: REGISTRY_CHANGED };
  const knowledgeOf = (loop: PartitionLoop): KnowledgeFold => knowledgeAt(registered, loop, rules, people);
  const onFault = (what: string): void => {
    fault ??= what;
  };

  /** The registry behind what the loop has read. */
  function aheadOf(loop: PartitionLoop): () => Promise<readonly LoggedEvent[]> {
    let asked = 0n;
    return async () => {
      const read = loop.next.get(REGISTRY_CHANGED) ?? 0n;
      const from = read > asked ? read : asked;
      const onAway = (thrown: unknown): void => {
        log.warn({ cause: messageOf(thrown) }, "the registry is out of reach");
      };
      const work = (): Promise<readonly LoggedEvent[]> => readHistory(eventLog, REGISTRY_CHANGED, 0, from);
      const events = await whileAway(work, { clock, signal, passing: PASSING, onAway });
      asked = (events.at(-1)?.offset ?? from - 1n) + 1n;
      return events;
    };
  }

  const relay = await openRelay({ ...{ eventLog, foreign, clock, log, signal, isInputTime }, knowledgeOf, onFault });
  const consumers = [
    relay,
    await openConsumer({
      ...common,
      consumer: "intake",
      topics: [VITALS_OBSERVED, LABS_OBSERVED],
      bodyOf: (loop) => {
        const knowledge = knowledgeOf(loop);
        return createIntake({
          state: loop.state,
          knowledge,
          people,
          readAhead: aheadOf(loop),
          log,
          isInputTime,
          onFault,
        });
      },
    }),
    await openConsumer({
      ...common,
      consumer: "evaluation",
      topics: [VITALS_ACCEPTED, VITALS_WINDOWED, ALERT_COMMANDED],
      bodyOf: (loop) =>
        createEvaluation({
          ...{
            state: loop.state,
            knowledge: knowledgeOf(loop),
            lookUp: () => people.update(),
            log,
            isInputTime,
            onFault,
          },
          nextReading: loop.next.get(VITALS_ACCEPTED) ?? 0n,
          nextChange: loop.next.get(REGISTRY_CHANGED) ?? 0n,
        }),
    }),
    ...(withWindows
      ? [
          await openConsumer({
            ...{ eventLog, clock, log, signal, isInputTime },
            consumer: "windows",
            topics: [VITALS_ACCEPTED],
            pace: WINDOWS_PACE,
            bodyOf: (loop) => createWindows({ state: loop.state, log, onFault }),
          }),
        ]
      : []),
  ];
  const running = Promise.all(consumers.map((consumer) => consumer.run())).then(() => undefined, fail);

  const watch = watchProgress({ consumers, clock, log, signal });

  function fail(thrown: unknown): void {
    if (signal.aborted) return;
    if (isVitalomeError(thrown) && thrown.code === "CONFLICT") {
      fault = DISPLACED;
      log.error({}, DISPLACED);
      tellDisplaced(DISPLACED);
    } else {
      fault = isVitalomeError(thrown) ? thrown.message : "the live worker stopped";
      log.error({ cause: messageOf(thrown) }, "the live worker stopped");
    }
    stop.abort(new Error(fault));
  }

  return {
    fault: () => fault ?? watch.fault(),
    behind: () => watch.behind(),
    foreign: () => relay.status(),
    displaced,
    async close() {
      stop.abort(new Error("the worker is closing"));
      await Promise.all([running, watch.ended]);
    },
  };
}

/** The registry as a loop had seen it in its last step. */
function knowledgeAt(
  registered: readonly LoggedEvent[],
  loop: PartitionLoop,
  rules: readonly AlertRule[],
  people: PeopleDirectory,
): KnowledgeFold {
  const seen = loop.next.get(REGISTRY_CHANGED) ?? 0n;
  const changes = registered.filter(({ offset }) => offset < seen).flatMap(readableChange);
  return knowledgeFrom(changes, { rules, person: people.find });
}

/** The change, or nothing: what nobody can read was told when it came. */
export function readableChange(event: LoggedEvent): readonly RegistryChanged[] {
  try {
    return [parseRegistryChange(event)];
  } catch {
    return [];
  }
}
