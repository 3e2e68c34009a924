import { setImmediate } from "node:timers/promises";
import type { EventLog, Tables } from "../../backend/index.js";
import { createBacktest, type Backtest, type BacktestReport } from "../../domain/alert/backtest.js";
import { DEFAULT_RULES } from "../../domain/alert/default-rules.js";
import { knowledgeFrom, type KnowledgeFold } from "../../domain/alert/knowledge.js";
import { looksAtWindows } from "../../domain/alert/rule.js";
import { VitalomeError } from "../../errors.js";
import { REGISTRY_CHANGED } from "../../ingest/streams/registry.js";
import { backtestParameters, parseParameters, type BacktestParameters } from "../../jobs/parameters.js";
import type { SnapshotReaders } from "../../lake/snapshot-reader.js";
import type { Snapshots } from "../../lake/snapshots.js";
import { readHistory } from "../history.js";
import { readableChange } from "../live/index.js";
import type { PeopleDirectory } from "../live/people-directory.js";
import type { OwnJob, OwnJobContext } from "../own-jobs.js";
import { createFinalWindows } from "./final-windows.js";
import { openReadings, type AcceptedReadings } from "./readings.js";

export interface BacktestJobOptions {
  readonly eventLog: EventLog;
  readonly tables: Tables;
  readonly snapshots: Snapshots;
  readonly readers: SnapshotReaders;
  readonly people: PeopleDirectory;
}

/** An hour or so of one process. */
const MOST_READINGS = 20_000_000;
/** Readings after which others get their turn: a few milliseconds. */
const TURN = 50;

/**
 * Replays accepted readings of a period against two rules: those of tables, then those behind them in the log, partition after
 * partition, in the order in which the evaluation saw them. What is known of people, plans and sources is what the registry says
 * now, plans as of their time. It holds the state of one partition's patients. NOT_FOUND where no reading lies in the period.
 */
export function createBacktestJob(options: BacktestJobOptions): OwnJob {
  const { snapshots, readers, people } = options;
  return (context) => {
    const { spec, signal, log } = context;
    const asked = parseParameters(backtestParameters, spec.parameters);
    return async () => {
      context.progress(null, "looking for readings");
      await people.update();
      const reader = await readers.open(await snapshots.get(spec.baseSnapshot));
      const period = { from: asked.from, to: asked.to };
      let unreadable = 0;
      const onUnreadable = (): void => void (unreadable += 1);
      const { candidate, current } = asked;
      const patientIds = [candidate, ...(current === null ? [] : [current])].some(looksAtWindows)
        ? null
        : asked.patientIds;
      const readings = await openReadings({ ...options, reader, period, patientIds, signal, onUnreadable });
      refuseTooMany(readings);
      const knowledge = await knowledgeNow(options);
      const backtest = createBacktest({ ...asked, knowledge });
      const taken = await replay(readings, backtest, asked, context);
      if (unreadable > 0) log(`passed over ${String(unreadable)} events of the log that are no readings`);
      if (taken === 0) throw nothingToReplay(asked);
      const report = backtest.report();
      tell(context, taken, report);
      const { id: jobId, kind, baseSnapshot } = spec;
      return { jobId, kind, baseSnapshot, add: [], remove: {}, files: [], estimate: null, backtest: report };
    };
  };
}

async function replay(
  readings: AcceptedReadings,
  backtest: Backtest,
  { candidate, current, patientIds, to }: BacktestParameters,
  { signal, progress }: OwnJobContext,
): Promise<number> {
  const wanted = patientIds === null ? null : new Set(patientIds);
  const rules = current === null ? [candidate] : [candidate, current];
  const all = readings.inTables + readings.inLog;
  let looked = 0;
  let restedAt = 0;
  let taken = 0;
  for (const partition of readings.partitions) {
    const finalBy = createFinalWindows(rules);
    for await (const { reading, offset } of readings.of(partition, () => void (looked += 1))) {
      if (looked - restedAt >= TURN) {
        restedAt = looked;
        await setImmediate();
        signal.throwIfAborted();
        progress(looked / all, "replaying readings");
      }
      const { patientId } = reading;
      // Whoever is not asked for moves the windows of the others on.
      const final = finalBy(reading, offset);
      if (wanted?.has(patientId) !== false) {
        taken += 1;
        backtest.take(patientId, { kind: "reading", reading });
      }
      for (const { window, at } of final)
        if (wanted?.has(window.patientId) !== false) backtest.take(window.patientId, { kind: "window", window, at });
    }
    backtest.settle(to);
  }
  signal.throwIfAborted();
  return taken;
}

async function knowledgeNow({ eventLog, people }: BacktestJobOptions): Promise<KnowledgeFold> {
  const changes = (await readHistory(eventLog, REGISTRY_CHANGED)).flatMap(readableChange);
  return knowledgeFrom(changes, { rules: DEFAULT_RULES, person: people.find });
}

/** Of the log every event has to be looked at, whatever it is. */
function refuseTooMany({ inTables, inLog }: AcceptedReadings): void {
  const actual = inTables + inLog;
  if (actual <= MOST_READINGS) return;
  const text = `${String(actual)} readings would have to be replayed, and at most ${String(MOST_READINGS)} are: ask for a shorter period, or for some patients`;
  throw new VitalomeError("LIMIT_EXCEEDED", text, { details: { field: "period", max: MOST_READINGS, actual } });
}

function nothingToReplay({ from, to, patientIds }: BacktestParameters): VitalomeError {
  const whose = patientIds === null ? "" : " of these patients";
  const text = `no accepted reading${whose} lies between ${new Date(from).toISOString()} and ${new Date(to).toISOString()}`;
  return new VitalomeError("NOT_FOUND", text, { details: { field: "period" } });
}

/** The report in words. */
function tell({ log }: OwnJobContext, readings: number, report: BacktestReport): void {
  const { patients, patientDays, candidate, current, extra, missed } = report;
  log(`${String(readings)} readings of ${String(patients)} patients over ${patientDays.toFixed(2)} patient-days`);
  log(`${candidate.ruleId} version ${String(candidate.version)}: ${String(candidate.alerts)} alerts`);
  if (current === null) return;
  log(`${current.ruleId} version ${String(current.version)}: ${String(current.alerts)} alerts`);
  log(`extra ${String(extra)}, missed ${String(missed)}`);
}
