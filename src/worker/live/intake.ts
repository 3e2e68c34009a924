import type { LoggedEvent } from "../../backend/index.js";
import type { KnowledgeFold } from "../../domain/alert/knowledge.js";
import {
  countVerdicts,
  forgetSilent,
  judge,
  type JudgeFacts,
  type Judged,
  type Verdict,
} from "../../ingest/observations/index.js";
import {
  OBSERVATIONS_COUNTED,
  OBSERVATIONS_REJECTED,
  VITALS_ACCEPTED,
  readObserved,
} from "../../ingest/streams/observation.js";
import { REGISTRY_CHANGED } from "../../ingest/streams/registry.js";
import type { Log } from "../../log.js";
import type { LoopBody, LoopState, StepWrites } from "./partition-loop.js";
import type { PeopleDirectory } from "./people-directory.js";
import { takeRegistered } from "./registered.js";

export interface IntakeOptions {
  readonly state: LoopState;
  /** As it stood when the last step was written. */
  readonly knowledge: KnowledgeFold;
  readonly people: PeopleDirectory;
  /** Changes of the registry that are in the log now, behind those that were asked for before. */
  readonly readAhead: () => Promise<readonly LoggedEvent[]>;
  readonly log: Log;
  /** Records may say when they were received. */
  readonly isInputTime: boolean;
  /** An entry of the registry could not be read. */
  readonly onFault: (what: string) => void;
}

/**
 * Observed records of one partition become accepted readings or rejections, and are counted. No record stops the stream: what
 * nobody can read is a rejection.
 */
export function createIntake(options: IntakeOptions): LoopBody {
  const { state, knowledge, people, readAhead, log, isInputTime, onFault } = options;
  const facts: JudgeFacts = {
    person: knowledge.person,
    source: knowledge.source,
    resolve: knowledge.resolve,
    mayStateReceipt: isInputTime,
  };

  async function judged(event: LoggedEvent): Promise<Judged> {
    const { topic, partition, offset, key } = event;
    const observed = readObserved(event);
    const place = { key, input: { topic, partition, offset: String(offset) } };
    const verdicts = judge(observed, place, state, facts);
    // Somebody may have been put on record a moment ago. A rejection leaves nothing in the state, so it may be judged again.
    const isAgain = verdicts.some(isOfNobody) && (await lookAgain());
    return { observed, place, verdicts: isAgain ? judge(observed, place, state, facts) : verdicts };
  }

  /** Whether anything is known now that was not: whoever registers somebody does it before their first reading. */
  async function lookAgain(): Promise<boolean> {
    const ahead = await readAhead();
    for (const event of ahead) take(event);
    return (await people.refresh()) || ahead.length > 0;
  }

  const take = (event: LoggedEvent): void => {
    takeRegistered(event, { knowledge, log, onFault });
  };

  return {
    async step(events, _now, writes) {
      await people.update();
      const all: Judged[] = [];
      for (const event of events) {
        if (event.topic === REGISTRY_CHANGED) take(event);
        else all.push(await judged(event));
      }
      for (const { place, verdicts } of all) for (const verdict of verdicts) write(verdict, place.key, writes);
      for (const { key, counted } of countVerdicts(all)) writes.append(OBSERVATIONS_COUNTED, { key, value: counted });
      const heard = all.flatMap(({ verdicts }) => verdicts.map(receiptOf)).filter((at) => at !== null);
      if (heard.length > 0) forgetSilent(state, Math.max(...heard));
    },
    nextDue: () => null,
  };
}

function receiptOf(verdict: Verdict): number | null {
  return verdict.kind === "accepted" ? verdict.reading.receivedAt : null;
}

function isOfNobody(verdict: Verdict): boolean {
  return verdict.kind === "rejected" && verdict.rejection.rule === "UNKNOWN_PATIENT";
}

function write(verdict: Verdict, key: string, writes: StepWrites): void {
  switch (verdict.kind) {
    case "accepted":
      writes.append(VITALS_ACCEPTED, { key: verdict.reading.patientId, value: verdict.reading });
      return;
    case "rejected":
      writes.append(OBSERVATIONS_REJECTED, { key, value: verdict.rejection });
      return;
    case "duplicate":
    case "noted":
  }
}
