import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createEmbeddedEventLog } from "./backend/embedded/event-log.js";
import { createEmbeddedFiles } from "./backend/embedded/files.js";
import { createEmbeddedJobRunner, runInThread } from "./backend/embedded/job-runner.js";
import { createEmbeddedTables } from "./backend/embedded/tables.js";
import { openKeyring } from "./auth.js";
import { systemClock } from "./clock.js";
import type { Settings } from "./config.js";
import type { RequestContext } from "./context.js";
import { createCursorSealer } from "./cursors.js";
import type { Caller } from "./domain/caller.js";
import { openEngine } from "./engine/duckdb.js";
import { VitalomeError, messageOf } from "./errors.js";
import type { BuiltIndex } from "./lake/build-indexes.js";
import { createBlockCache } from "./lake/key-index.js";
import { createSnapshotReaders } from "./lake/snapshot-reader.js";
import { openSnapshots } from "./lake/snapshots.js";
import { lockDirectory } from "./lock.js";
import { createLog } from "./log.js";
import { buildApiSchema } from "./resolvers/build.js";
import { printApiSchema } from "./resolvers/print.js";
import { startServer } from "./server.js";
import type { Readiness } from "./server/http.js";
import type { ThreadSettings } from "./thread.js";
import { createUploads } from "./uploads.js";
import { annotationSourcesOf, createAnnotationView } from "./views/annotation.js";
import { createCallSetView } from "./views/call-set.js";
import { createDatasetView } from "./views/dataset.js";
import { createJobView, startJobFold } from "./views/job.js";
import { createPatientView } from "./views/patient.js";
import { createVariantView } from "./views/variant.js";
import { startJobWorker } from "./worker/job-worker.js";
import { createPublisher } from "./worker/publisher.js";

export interface RunningApp {
  readonly url: string;
  readonly port: number;
  /** Owner: sees everything. */
  readonly token: string;
  close(): Promise<void>;
}

const ANNOUNCE_MS = 10_000;
const DRAIN_MS = 25_000;
const INTENDED_USE = "Research and decision support only. Not a medical device, not clinical advice.";

/** The composition root: the only place that names a back end. */
export async function startApp(settings: Settings): Promise<RunningApp> {
  if (settings.profile === "cluster") {
    throw new VitalomeError(
      "CONFIG_INVALID",
      "the cluster profile is not part of this release: use --profile embedded",
    );
  }
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
    await rm(join(root, "scratch"), { recursive: true, force: true });
    for (const folder of ["scratch", "runs", "raw"]) await mkdir(join(root, folder), { recursive: true });
    const keyring = await openKeyring(root, clock);
    const sealer = createCursorSealer(keyring.subkey("cursors"), clock);
    const files = await createEmbeddedFiles({ root });
    const eventLog = await createEmbeddedEventLog({
      directory: join(root, "log"),
      clock,
      log,
      retention: { keepMs: settings.logKeepMs, maxBytes: settings.logMaxBytes },
    });
    closing.push(() => eventLog.close());
    const snapshots = await openSnapshots(files, log);
    const engine = await openEngine({
      database: ":memory:",
      directories: [join(root, "runs"), join(root, "scratch")],
      spillDirectory: join(root, "scratch", "spill"),
      memoryLimit: settings.duckdbMemoryLimit,
      threads: settings.duckdbThreads,
    });
    closing.push(() => {
      engine.close();
    });
    const tables = createEmbeddedTables({
      root,
      snapshots,
      memoryLimit: settings.duckdbMemoryLimit,
      threads: settings.duckdbThreads,
    });
    closing.push(() => tables.close());
    const readers = createSnapshotReaders({ root, engine, cache: createBlockCache(settings.blockCacheBytes) });
    closing.push(() => {
      readers.close();
    });

    const threadData: ThreadSettings = {
      root,
      memoryLimit: settings.duckdbMemoryLimit,
      threads: settings.duckdbThreads,
    };
    const thread = { threadModule: new URL("./thread.js", import.meta.url), threadData: { ...threadData } };
    const runner = createEmbeddedJobRunner({ ...thread, clock, files });
    const publisher = createPublisher({
      files,
      snapshots,
      eventLog,
      clock,
      buildIndexes: async (toIndex) =>
        (await runInThread(thread, { task: "index", files: toIndex })) as readonly BuiltIndex[],
    });
    await publisher.announce();
    const announcing = setInterval(() => {
      publisher.announce().catch((thrown: unknown) => {
        log.error({ cause: messageOf(thrown) }, "announcing snapshots failed");
      });
    }, ANNOUNCE_MS);
    closing.push(() => {
      clearInterval(announcing);
    });
    const worker = await startJobWorker({ log, clock, files, eventLog, runner, snapshots, publish: publisher.publish });
    closing.push(() => worker.close());

    const stop = new AbortController();
    const fold = startJobFold(eventLog, clock, stop.signal, (thrown) => {
      log.error({ cause: messageOf(thrown) }, "following jobs failed");
    });
    closing.push(() => {
      stop.abort(new VitalomeError("CANCELED", "the service is stopping"));
    });
    const schema = await buildApiSchema();
    const schemaHash = createHash("sha256").update(printApiSchema(schema)).digest("hex").slice(0, 16);
    const apiVersion = versionOf();
    const contextFor = (caller: Caller, requestId: string, signal: AbortSignal): RequestContext => {
      const live = { caller, eventLog, sealer, clock, signal, heartbeatMs: settings.heartbeatMs };
      const reading = { caller, snapshots, readers, tables, sealer, clock, signal };
      return {
        caller,
        requestId,
        log,
        signal,
        variants: createVariantView(reading),
        patients: createPatientView(reading),
        annotations: createAnnotationView(caller),
        callSets: createCallSetView({ caller, snapshots, readers }),
        jobs: createJobView({ ...live, fold, files, runner }),
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
    const readiness = async (): Promise<Readiness> => {
      const damaged = snapshots.faults();
      const store = await snapshots.refresh().then(
        (latest) => ({ ok: true, detail: `snapshot ${String(latest.snapshot)}` }),
        () => ({ ok: false, detail: "the store cannot be read" }),
      );
      const dependencies = {
        store,
        catalogs: {
          ok: damaged.size === 0,
          detail: damaged.size === 0 ? "whole" : `damaged: ${[...damaged.keys()].join(", ")}`,
        },
        jobs: {
          ok: true,
          detail: `${String([...fold.jobs.values()].filter((job) => job.endedAt === null).length)} open`,
        },
      };
      return { ready: store.ok, dependencies };
    };
    const server = await startServer({
      schema,
      keyring,
      uploads: createUploads(root),
      readiness,
      contextFor,
      log,
      clock,
      host: settings.host,
      port: settings.port,
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
    return { url: server.url, port: server.port, token, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

function versionOf(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
