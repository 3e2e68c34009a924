import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openEmbedded } from "./app/embedded.js";
import { openCluster } from "./app/cluster.js";
import { watchHealth } from "./app/health.js";
import { createHl7Gateway } from "./app/hl7-gateway.js";
import { startWorker } from "./app/worker.js";
import { openKeyring } from "./auth.js";
import { allNeeds } from "./backend/log/needs.js";
import { systemClock } from "./clock.js";
import type { Settings } from "./config.js";
import type { RequestContext } from "./context.js";
import { createCursorSealer } from "./cursors.js";
import type { PersonFacts } from "./domain/alert/inputs.js";
import type { Caller } from "./domain/caller.js";
import { VitalomeError, messageOf } from "./errors.js";
import { createExports } from "./exports.js";
import { ALERT_TRANSITIONED, parseStoredAlerts } from "./ingest/streams/alert.js";
import { JOB_CHANGED, parseStoredJobs } from "./ingest/streams/job.js";
import { horizonOf } from "./lake/horizon.js";
import { createBlockCache } from "./lake/key-index.js";
import { personFacts } from "./lake/person-facts.js";
import { createSnapshotReaders } from "./lake/snapshot-reader.js";
import { lockDirectory } from "./lock.js";
import { createLog } from "./log.js";
import { buildApiSchema } from "./resolvers/build.js";
import { printApiSchema } from "./resolvers/print.js";
import { startHealthServer, startServer } from "./server.js";
import type { Readiness } from "./server/http.js";
import { createAlertView } from "./views/alert.js";
import { startAlertFold } from "./views/alert-fold.js";
import { annotationSourcesOf, createAnnotationView } from "./views/annotation.js";
import { createBacktestView } from "./views/backtest.js";
import { createCallSetView } from "./views/call-set.js";
import { createDatasetView } from "./views/dataset.js";
import { createExportView } from "./views/export.js";
import { startJobFold } from "./views/job-fold.js";
import { createJobView } from "./views/job.js";
import { createScoreView } from "./views/news2.js";
import { createObservationView } from "./views/observation.js";
import { createPersonRecords } from "./views/person-records.js";
import { createPatientView } from "./views/patient.js";
import { startObservationLedgers } from "./views/observation-ledgers.js";
import { createRejectedObservationsView } from "./views/rejected-observations.js";
import { createRegisteredView } from "./views/registered.js";
import { startRegistry } from "./views/registry.js";
import { createSubmissionView } from "./views/submission.js";
import { startSubmissionReceipts } from "./views/submission-receipts.js";
import { createVariantView } from "./views/variant.js";
import { createVitalView } from "./views/vital.js";
import { startHeldVitals } from "./views/vitals-held.js";
import { createLogFloors } from "./worker/compaction/floors.js";
import { createWindowsWatch } from "./worker/live/windows-watch.js";

export interface RunningApp {
  readonly url: string;
  readonly port: number;
  /** Owner: sees everything. Null for a worker alone, which serves nothing but its health. */
  readonly token: string | null;
  /** Resolves with the reason when another worker has taken this one's place: then the process has nothing left to do. */
  readonly displaced: Promise<string>;
  close(): Promise<void>;
}

const DRAIN_MS = 25_000;
const INTENDED_USE = "Research and decision support only. Not a medical device, not clinical advice.";

/** The composition root: with `src/app/` the only place that names a back end. */
export async function startApp(settings: Settings): Promise<RunningApp> {
  const clock = systemClock;
  const log = createLog(settings.logLevel);
  const root = settings.dataDirectory;
  await mkdir(root, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(root);
  const closing: (() => Promise<void> | void)[] = [() => lock.release()];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) {
      await Promise.resolve(step()).catch((thrown: unknown) => {
        log.error({ cause: messageOf(thrown) }, "a part did not close cleanly");
      });
    }
  };

  try {
    const open = settings.profile === "cluster" ? openCluster : openEmbedded;
    const floors = createLogFloors();
    const windows = settings.profile === "cluster" ? createWindowsWatch() : null;
    const needs = allNeeds([floors.needs, ...(windows === null ? [] : [windows.needs])]);
    const ground = await open({ settings, clock, log, needs, closing });
    const { files, eventLog, served: snapshots, tables, runner, engine } = ground;
    const cache = createBlockCache(settings.blockCacheBytes);
    const readers = createSnapshotReaders({ copies: ground.copies, engine, cache });
    closing.push(() => {
      readers.close();
    });
    const worker =
      settings.role === "api" ? null : await startWorker({ ground, readers, settings, floors, windows, clock, log });
    closing.push(() => worker?.close());
    const displaced = worker?.displaced ?? new Promise<never>(() => undefined);
    const dependencies = async (): Promise<Readiness["dependencies"]> => ({
      ...(await ground.dependencies()),
      ...worker?.dependencies(),
    });
    const serving = { log, clock, host: settings.host, port: settings.port };
    if (settings.role === "worker") {
      const readiness = async (): Promise<Readiness> => readinessOf(await dependencies());
      const server = await startHealthServer({ ...serving, readiness });
      closing.push(() => server.close(DRAIN_MS));
      return { url: server.url, port: server.port, token: null, displaced, close };
    }

    const keyring = await openKeyring(settings.keyDirectory ?? root, clock);
    const sealer = createCursorSealer(keyring.subkey("cursors"), clock);
    const stop = new AbortController();
    const following = (what: string) => ({
      ...{ eventLog, clock, signal: stop.signal },
      onFailure: (thrown: unknown) => {
        log.error({ cause: messageOf(thrown) }, `following ${what} failed`);
      },
    });
    const fold = await startJobFold({
      ...following("jobs"),
      async stored() {
        const reader = await readers.open(await snapshots.refresh());
        return { jobs: parseStoredJobs(reader.logged.jobs()), next: horizonOf(reader.catalog, JOB_CHANGED) };
      },
    });
    const alertFold = await startAlertFold({
      ...following("alerts"),
      async stored() {
        const reader = await readers.open(await snapshots.refresh());
        const next = horizonOf(reader.catalog, ALERT_TRANSITIONED);
        return { alerts: parseStoredAlerts(reader.logged.alerts()), next };
      },
    });
    const registry = startRegistry(following("the registry"));
    const people = createPersonRecords(registry);
    const held = await startHeldVitals({ ...following("vitals"), snapshots, readers, people });
    const inSnapshot = (id: string): PersonFacts | null => personFacts(held.reader.people, id);
    const openHl7 = createHl7Gateway({ registry, inSnapshot, clock });
    const ledgers = startObservationLedgers(following("the ledgers of readings"));
    const receipts = startSubmissionReceipts(following("submissions"));
    closing.push(() => {
      stop.abort(new VitalomeError("CANCELED", "the service is stopping"));
    });
    const schema = await buildApiSchema();
    const schemaHash = createHash("sha256").update(printApiSchema(schema)).digest("hex").slice(0, 16);
    const apiVersion = versionOf();
    const contextFor = (caller: Caller, requestId: string, signal: AbortSignal): RequestContext => {
      const live = { caller, eventLog, sealer, clock, signal, heartbeatMs: settings.heartbeatMs };
      const reading = { caller, snapshots, readers, tables, sealer, clock, signal };
      const jobs = createJobView({ ...live, fold, files, runner });
      const registered = createRegisteredView({ caller, registry, clock });
      return {
        caller,
        requestId,
        log,
        signal,
        variants: createVariantView(reading),
        patients: createPatientView({
          ...{ ...reading, people },
          isLive: (id) => held.tail.readings.has(id) || alertFold.has(id),
        }),
        observations: createObservationView({ ...reading, vitals: held }),
        submissions: createSubmissionView({ ...live, ledgers, receipts, openHl7 }),
        rejections: createRejectedObservationsView(live),
        registered,
        vitals: createVitalView({ ...live, held, people }),
        scores: createScoreView({ caller, held, registry, clock }),
        alerts: createAlertView({ ...live, fold: alertFold, people }),
        annotations: createAnnotationView(caller),
        callSets: createCallSetView({ caller, snapshots, readers }),
        jobs,
        exports: createExportView({ caller, snapshots, readers, jobs }),
        backtests: createBacktestView({ caller, registered, jobs }),
        datasets: createDatasetView(live),
        async service() {
          const catalog = await snapshots.refresh();
          return {
            apiVersion,
            schemaHash,
            snapshotId: String(catalog.snapshot),
            profile: settings.profile,
            annotationSources: annotationSourcesOf(catalog),
            intendedUse: INTENDED_USE,
          };
        },
      };
    };
    const folds = watchHealth(
      {
        jobs: async () => {
          const { ok, detail } = await fold.health();
          const open = [...fold.jobs.values()].filter(({ endedAt }) => endedAt === null).length;
          return { ok, detail: `${String(open)} open, ${detail}` };
        },
        alerts: () => alertFold.health(),
        vitals: () => held.tail.readingFold.health(),
        windows: () => held.tail.windowFold.health(),
      },
      clock,
      log,
    );
    closing.push(() => {
      folds.close();
    });
    const readiness = async (): Promise<Readiness> => {
      const damaged = snapshots.faults();
      return readinessOf({
        ...(await dependencies()),
        catalogs: {
          ok: damaged.size === 0,
          detail: damaged.size === 0 ? "whole" : `damaged: ${[...damaged.keys()].join(", ")}`,
        },
        ...folds.dependencies(),
      });
    };
    const server = await startServer({
      schema,
      keyring,
      ...serving,
      uploads: ground.uploads,
      exports: createExports({ files, fold }),
      readiness,
      contextFor,
      limits: {
        socketSubscriptions: settings.socketSubscriptions,
        tokenSubscriptions: settings.tokenSubscriptions,
        bufferBytes: settings.socketBufferBytes,
      },
    });
    closing.push(() => server.close(DRAIN_MS));
    const token = await keyring.issueToken({ role: "owner", subject: "owner", lifetime: settings.tokenLifetime });
    const endpoint = join(root, "endpoint.json");
    await writeFile(endpoint, `${JSON.stringify({ url: server.url, token })}\n`, { mode: 0o600 });
    closing.push(() => rm(endpoint, { force: true }));
    return { url: server.url, port: server.port, token, displaced, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Without its files or its log a service answers nothing, nor does a worker that stopped; else it answers something. */
function readinessOf(dependencies: Readiness["dependencies"]): Readiness {
  const needed = ["store", "log", "worker"].map((name) => dependencies[name]);
  return { ready: needed.every((dependency) => dependency?.ok !== false), dependencies };
}

function versionOf(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
