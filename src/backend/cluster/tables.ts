import type { Clock } from "../../clock.js";
import { VitalomeError, isVitalomeError } from "../../errors.js";
import type { Snapshots } from "../../lake/snapshots.js";
import type { Log } from "../../log.js";
import type { Files, RowBatch, Tables } from "../index.js";
import { createControl } from "./spark/control.js";
import { isSparkFault, translateSpark } from "./spark/faults.js";
import { DEFAULT_LIMITS, type SparkLimits } from "./spark/limits.js";
import { createSessionPool } from "./spark/pool.js";
import { createRunner } from "./spark/run.js";
import { unless } from "./spark/running.js";
import { openSession } from "./spark/session.js";
import { createSnapshotDatabases } from "./spark/snapshot-database.js";
import { sparkText } from "./spark/text.js";

export interface ClusterTablesOptions {
  /** `host:port` of the Spark Thrift server. */
  readonly thrift: string;
  /** The Hadoop user statements run as. */
  readonly user: string;
  /** The store as Spark reads it: `hdfs://host:port/root`. */
  readonly store: string;
  readonly files: Files;
  readonly snapshots: Snapshots;
  readonly log: Log;
  readonly clock: Clock;
  /** Statements that run at once; more wait. */
  readonly sessions?: number | undefined;
  readonly limits?: Partial<SparkLimits> | undefined;
}

export interface ClusterTables extends Tables {
  /** Drops the databases of snapshots before `oldest`, and no file; the numbers of those dropped. */
  dropBefore(oldest: number): Promise<readonly number[]>;
  /** Ends the statements that run. */
  close(): Promise<void>;
}

const SESSIONS = 4;
const WARM = 2;
/** A database or table that was there is gone: dropped by another process, or the metastore is another one. */
const VANISHED = new Set(["TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND"]);

/**
 * Spark SQL over the data files of a snapshot, through a Thrift server. A snapshot is a database of external tables, made
 * when first asked for, which any other client of the server sees too.
 */
export function createClusterTables(options: ClusterTablesOptions): ClusterTables {
  const { user, store, files, snapshots, log, clock } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const link = { ...addressOf(options.thrift), user, limits, clock };
  const control = createControl(link);
  const pool = createSessionPool({
    open: async () => {
      control.warm();
      return openSession({ ...link, pulse: control.pulse }, {});
    },
    size: options.sessions ?? SESSIONS,
    warm: Math.min(WARM, options.sessions ?? SESSIONS),
  });
  const runner = createRunner({ pool, control, clock, limits });
  const databases = createSnapshotDatabases({ store, root: new URL(store).pathname.replace(/\/+$/, ""), files, log });

  let wasAway = false;

  /** The log has class and SQLSTATE; Spark's own text, which may quote values, only where it is asked for. */
  function report(thrown: unknown, signal: AbortSignal | null): unknown {
    if (signal?.aborted === true)
      return new VitalomeError("CANCELED", "the statement was cancelled", { cause: signal.reason });
    if (!isSparkFault(thrown)) return thrown;
    const { kind, errorClass, sqlState, detail } = thrown;
    const told = translateSpark(thrown);
    // What is away is said once, however many statements and health checks meet it.
    const isAway = isVitalomeError(told) && told.code === "BACKEND_UNAVAILABLE";
    if (!isAway || !wasAway) log.warn({ kind, errorClass, sqlState }, "Spark SQL failed");
    wasAway = isAway;
    log.debug({ detail }, "what Spark SQL said");
    return told;
  }

  return {
    async *query(statement, { snapshot, signal = new AbortController().signal }): AsyncGenerator<RowBatch> {
      signal.throwIfAborted();
      const catalog = await snapshots.get(snapshot);
      for (let attempt = 1; ; attempt += 1) {
        let isAnswered = false;
        try {
          const database = await unless(signal, databases.prepare(catalog, runner.all));
          const shape = `${String(snapshot)}\n${statement.strings.join("\0")}`;
          for await (const batch of runner.stream(sparkText(statement, { snapshot, database }), shape, signal)) {
            isAnswered = true;
            wasAway = false;
            yield batch;
          }
          return;
        } catch (thrown) {
          const isVanished = isSparkFault(thrown) && VANISHED.has(thrown.errorClass);
          if (!isVanished || isAnswered || attempt > 1) {
            throw report(thrown, signal);
          }
          databases.forget(snapshot);
        }
      }
    },
    async dropBefore(oldest) {
      try {
        return await databases.drop(oldest, runner.all);
      } catch (thrown) {
        throw report(thrown, null);
      }
    },
    async close() {
      await runner.close();
      pool.close();
      control.disconnect();
    },
  };
}

function addressOf(thrift: string): { readonly host: string; readonly port: number } {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:/]+):(\d+)$/.exec(thrift);
  if (match === null) throw new VitalomeError("CONFIG_INVALID", "the address of Spark Thrift is host:port");
  return { host: (match[1] ?? "").replace(/^\[|\]$/g, ""), port: Number(match[2]) };
}
