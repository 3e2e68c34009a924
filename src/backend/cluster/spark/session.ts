import { failOn } from "./faults.js";
import { openLink, type LinkOptions, type ThriftLink } from "./link.js";
import { PROTOCOL_V10, type SessionHandle } from "./wire.js";

/** One session on a connection of its own: one statement at a time. The server ends it with the connection. */
export interface SparkSession {
  readonly link: ThriftLink;
  readonly handle: SessionHandle;
}

/**
 * What every session is told, whatever the server's own settings: times are UTC, arithmetic does not wrap, `"x"` is a
 * name as in DuckDB, a path is no table, a result leaves the driver part by part, and what is cancelled is interrupted. Jobs
 * start where rows are fetched, not beside it: adaptive execution starts some that no cancel of the server finds.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  "spark.sql.session.timeZone": "UTC",
  "spark.sql.ansi.enabled": "true",
  "spark.sql.ansi.doubleQuotedIdentifiers": "true",
  "spark.sql.runSQLOnFiles": "false",
  "spark.sql.thriftServer.incrementalCollect": "true",
  "spark.sql.thriftServer.interruptOnCancel": "true",
  "spark.sql.adaptive.enabled": "false",
  "spark.sql.files.ignoreMissingFiles": "false",
  "spark.sql.files.ignoreCorruptFiles": "false",
};

/** Spark takes settings at the opening of a session under this name only; others it drops in silence. */
const PREFIX = "set:hiveconf:";

/** `settings` go over the fixed ones. */
export async function openSession(
  options: LinkOptions,
  settings: Readonly<Record<string, string>>,
): Promise<SparkSession> {
  const link = await openLink(options);
  const configuration = Object.fromEntries(
    Object.entries({ ...SETTINGS, ...settings }).map(([name, value]) => [`${PREFIX}${name}`, value]),
  );
  try {
    const opened = await link.call("OpenSession", { client_protocol: PROTOCOL_V10, configuration });
    failOn(opened.status);
    return { link, handle: opened.sessionHandle };
  } catch (thrown) {
    link.close();
    throw thrown;
  }
}
