import { describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { readSettings, SETTINGS } from "../src/config.js";
import { isVitalomeError } from "../src/errors.js";

function faultOf(environment: Record<string, string>, options: Record<string, string> = {}): string {
  try {
    readSettings(environment, options);
  } catch (thrown) {
    if (isVitalomeError(thrown) && thrown.code === "CONFIG_INVALID") return thrown.message;
    throw thrown;
  }
  throw new Error("the settings were taken");
}

describe("settings", () => {
  it("start without any variable, on the loopback address", () => {
    const settings = readSettings({});
    expect(settings).toMatchObject({ host: "127.0.0.1", port: 4000, profile: "embedded", logLevel: "warn" });
    expect(settings.dataDirectory).toBe(resolve(".vitalome"));
    expect(settings.blockCacheBytes).toBe(128 * 1024 * 1024);
    expect(settings.tokenLifetime).toBe(720 * 3600);
  });

  it("take options before variables, and variables before defaults", () => {
    const environment = { VITALOME_PORT: "5000", VITALOME_HOST: "::1" };
    expect(readSettings(environment, { port: "6000" })).toMatchObject({ port: 6000, host: "::1" });
  });

  it("take an empty variable as unset", () => {
    expect(readSettings({ VITALOME_PORT: "", DUCKDB_THREADS: "" })).toMatchObject({ port: 4000, duckdbThreads: 2 });
  });

  it("name every fault at once, by its variable and its option", () => {
    const fault = faultOf(
      { DUCKDB_MEMORY_LIMIT: "lots", DUCKDB_THREADS: "0", VITALOME_PROFILE: "cloud" },
      { port: "70000" },
    );
    for (const name of [
      "DUCKDB_MEMORY_LIMIT",
      "DUCKDB_THREADS",
      "VITALOME_PROFILE (--profile)",
      "VITALOME_PORT (--port)",
    ]) {
      expect(fault).toContain(`${name}: `);
    }
  });

  it.each(["-1", "1.5", "0x50", "4e3", " 80", "65536"])("refuse the port %j", (port) => {
    expect(faultOf({ VITALOME_PORT: port })).toContain("VITALOME_PORT");
  });

  it("need the address of each system where the profile is cluster, and name what is missing", () => {
    const fault = faultOf({ VITALOME_PROFILE: "cluster", HDFS_URL: "hdfs://127.0.0.1:9000" });
    for (const name of ["HDFS_WEBHDFS_URL", "KAFKA_BROKERS", "SPARK_THRIFT"]) expect(fault).toContain(`${name}: `);
    expect(fault).not.toMatch(/(^|; )HDFS_URL: /);
    expect(faultOf({ VITALOME_PROFILE: "cluster", KAFKA_BROKERS: "no port" })).toContain(
      "KAFKA_BROKERS: expected host:port",
    );
    expect(faultOf({ VITALOME_ROLE: "worker" })).toContain("VITALOME_ROLE (--role): ");
  });

  it("are the table of the README, row by row", () => {
    const readme = readFileSync(resolve(import.meta.dirname, "../README.md"), "utf8");
    const rows = SETTINGS.map(
      ({ name, fallback, meaning }) => `| \`${name}\` | ${fallback === "" ? "none" : `\`${fallback}\``} | ${meaning} |`,
    );
    const written = readme.split("\n").filter((line) => /^\| `(VITALOME|HDFS|KAFKA|SPARK|DUCKDB|JAVA)_/.test(line));
    // Columns may be padded.
    expect(written.map((line) => line.replace(/ +/g, " "))).toEqual(rows);
  });
});
