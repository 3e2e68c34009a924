import { describe, expect, it } from "@jest/globals";
import { translateEngineError } from "../../src/engine/duckdb.js";

describe("a fault of the query engine", () => {
  it.each([
    ["STORAGE_FULL", 'IO Error: Could not write file "/data/a.duckdb": No space left on device'],
    ["STORAGE_FULL", 'IO Error: Could not write file "/data/a.duckdb": Disk quota exceeded'],
    [
      "STORAGE_FULL",
      "Out of Memory Error: failed to offload data block of size 256.0 KiB (864.0 KiB/976.5 KiB used).\nThis limit was set by the 'max_temp_directory_size' setting.",
    ],
    [
      "STORAGE_FULL",
      'FATAL Error: Failed: database has been invalidated because of a previous fatal error: "No space left on device"',
    ],
    ["OVERLOADED", "Out of Memory Error: could not allocate block of size 256.0 KiB (31.8 MiB/32.0 MiB used)"],
    ["STORAGE_CORRUPT", 'IO Error: No magic bytes found at end of file "/data/x.parquet"'],
    ["SQL_REJECTED", 'Parser Error: syntax error at or near "SELEC"'],
    ["INTERNAL_SERVER_ERROR", "something without a class"],
  ])("is %s for %j, and keeps the engine's words as its cause", (code, message) => {
    expect(translateEngineError(new Error(message))).toMatchObject({ code, cause: { message } });
  });
});
