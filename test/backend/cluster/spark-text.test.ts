import { describe, expect, it } from "@jest/globals";
import { databaseName, snapshotOfDatabase } from "../../../src/backend/cluster/spark/database-name.js";
import { refusal, translateSpark } from "../../../src/backend/cluster/spark/faults.js";
import { literalOf } from "../../../src/backend/cluster/spark/literal.js";
import { parseNested } from "../../../src/backend/cluster/spark/nested.js";
import { parseSparkType } from "../../../src/backend/cluster/spark/spark-type.js";
import { sparkText } from "../../../src/backend/cluster/spark/text.js";
import { raw, sql } from "../../../src/backend/sql.js";

const AT = { snapshot: 7, database: "trial_00000000_snap_7" };
const text = (of: string): string => sparkText(raw(of), AT);

describe("the text of a statement for Spark", () => {
  it("has its values as literals that nothing in them can end, and the snapshot's own database", () => {
    expect(sparkText(sql`SELECT n -${-1}, ${"x' --"} FROM snap_7.numbers -- why\nWHERE n = ${3n} ;`, AT)).toBe(
      "SELECT n - (-1) ,  CAST(X'7827202d2d' AS STRING)  FROM trial_00000000_snap_7.numbers   WHERE n =  3L",
    );
  });

  it.each([
    "SELECT 1; SELECT 2",
    "INSERT INTO t SELECT 1",
    "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
    "SELECT TRANSFORM(a) USING 'sh -c id' FROM t",
    "SELECT reflect('java.lang.System', 'getenv', 'HOME')",
    "SELECT java_method('java.lang.System', 'getenv')",
    "SELECT try_reflect('a', 'b')",
    "SELECT * FROM parquet.`/etc/passwd`",
    'SELECT * FROM text."/etc/passwd"',
    "SELECT * FROM IDENTIFIER('text.x')",
    "EXECUTE IMMEDIATE 'SELECT 1'",
    "BEGIN SELECT 1; END",
    "ADD FILE '/etc/passwd'",
    "EXPLAIN SELECT 1",
    "SET spark.sql.runSQLOnFiles = true",
    "SELECT 'a\\' OR 1=1'",
    "SELECT 'open",
    "SELECT /* a */ 1",
    "SELECT * FROM snap_8.numbers",
    "SELECT * FROM other_11111111_snap_7.numbers",
    "",
  ])("of %j is refused", (of) => {
    expect(() => text(of)).toThrow(expect.objectContaining({ code: "SQL_REJECTED" }));
  });

  it("is not confused by quotes within quotes", () => {
    expect(text("SELECT 'it''s; insert' AS \"a b\"")).toBe("SELECT 'it''s; insert' AS \"a b\"");
  });
});

describe("a literal", () => {
  it.each([
    [null, "NULL"],
    [true, "TRUE"],
    [0, "0"],
    [-0, "0"],
    [2_147_483_647, "2147483647"],
    [2_147_483_648, "2147483648D"],
    [-0.5, "(-0.5D)"],
    [1e21, "1e+21D"],
    [Number.NaN, "CAST('NaN' AS DOUBLE)"],
    [-Infinity, "CAST('-Infinity' AS DOUBLE)"],
    [-(1n << 63n), "(-9223372036854775808L)"],
    ["", "CAST(X'' AS STRING)"],
    ["\u0000🧬", "CAST(X'00f09fa7ac' AS STRING)"],
  ] as const)("of %p is %s", (value, expected) => {
    expect(literalOf(value)).toBe(expected);
  });

  it.each(["\ud800", "a\udc00b", 1n << 63n])("of half a character or of too many bits is refused", (value) => {
    expect(() => literalOf(value)).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
  });
});

describe("a nested value", () => {
  const cell = (type: string, json: string): unknown => parseNested(json, parseSparkType(type));

  it("keeps integers of 64 bits and decimals exact, and NaN apart from null (T17)", () => {
    expect(cell("array<bigint>", "[9007199254740993,null,-1]")).toEqual([9007199254740993n, null, -1n]);
    expect(cell("array<decimal(21,3)>", "[123456789012345678.123,1.5E-8,-2E+3]")).toEqual([
      "123456789012345678.123",
      "0.000000015",
      "-2000",
    ]);
    expect(cell("array<double>", '["NaN",0.1,null,"-Infinity"]')).toEqual([Number.NaN, 0.1, null, -Infinity]);
    expect(cell("array<string>", '["1","a\\"2\\\\",null]')).toEqual(["1", 'a"2\\', null]);
  });

  it("may hold others: a struct is its JSON, a map its pairs", () => {
    expect(cell("struct<a:bigint,`b c`:array<int>>", '{"a":9007199254740993,"b c":[1,2]}')).toBe(
      '{"a":"9007199254740993","b c":[1,2]}',
    );
    expect(cell("map<string,array<boolean>>", '{"x":[true,null]}')).toEqual([["x", [true, null]]]);
    expect(cell("array<timestamp>", '["2020-01-01 00:00:00.120000","2020-01-01 00:00:00.000000"]')).toEqual([
      "2020-01-01T00:00:00.12Z",
      "2020-01-01T00:00:00Z",
    ]);
  });

  it.each(["array<int", "map<int>", "struct<a>", "array<int>>"])("of a type %s is not guessed", (type) => {
    expect(() => parseSparkType(type)).toThrow(TypeError);
  });
});

describe("an error of Spark", () => {
  const PLAN = "\nat /opt/spark/secret\n'Project [nope]";
  const said = (of: string, state: string | null): unknown => translateSpark(refusal(of + PLAN, state));

  it.each([
    ["Error: [TABLE_OR_VIEW_NOT_FOUND] no `x` at hdfs://h:1/p", "42P01", "SQL_REJECTED"],
    ["Error: [DIVIDE_BY_ZERO] Division by zero", "22012", "SQL_REJECTED"],
    ["Error: java.lang.OutOfMemoryError: Java heap space", null, "OVERLOADED"],
    ["Error: [FAILED_READ_FILE.FILE_NOT_EXIST] hdfs://h:1/p", "KD001", "STORAGE_CORRUPT"],
    ["java.net.ConnectException: Connection refused", null, "BACKEND_UNAVAILABLE"],
    ["Job 3 cancelled because SparkContext was shut down", null, "BACKEND_UNAVAILABLE"],
    ["Permission denied: user=x, access=WRITE", null, "FORBIDDEN"],
    ["what", null, "INTERNAL_SERVER_ERROR"],
  ])("%j is cut to class and SQLSTATE and has a code (T21)", (of, state, code) => {
    const error = said(of, state) as Error;
    expect(error).toMatchObject({ name: "VitalomeError", code });
    expect(error.message).not.toMatch(/hdfs:|\/opt|user=|Project|nope|`x`/);
  });
});

describe("the database of a snapshot", () => {
  it("has a plain name for the store in its usual place, and one of its own for any other", () => {
    expect(databaseName("/vitalome", 7)).toBe("snap_7");
    expect(databaseName("/Trial-2/x", 7)).toMatch(/^trial_2_x_[0-9a-f]{8}_snap_7$/);
    expect(databaseName("/a/b", 7)).not.toBe(databaseName("/a_b", 7));
    expect(snapshotOfDatabase("/a/b", databaseName("/a/b", 7))).toBe(7);
    expect([snapshotOfDatabase("/a/b", "snap_7"), snapshotOfDatabase("/vitalome", "snap_x")]).toEqual([null, null]);
  });
});
