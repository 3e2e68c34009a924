import { STACK_TIMEOUT_MS, stackForTests } from "../../helpers/stack.js";
import { jest } from "@jest/globals";
import { defineTablesContract } from "../contract/tables.js";
import { numbersQuery, openTablesStore } from "./tables-store.js";

const ROWS = 10_000;

jest.setTimeout(STACK_TIMEOUT_MS);

defineTablesContract("cluster", async () => {
  const { tables, publish, close } = await openTablesStore(await stackForTests());
  const numbers = (from: number, to: number) => [
    { table: "numbers", file: "numbers.parquet", query: numbersQuery(from, to) },
  ];
  const snapshot = await publish("a", 0, numbers(1, ROWS + 1));
  const later = await publish("b", snapshot, numbers(ROWS + 1, ROWS + 2));
  return { tables, snapshot, rows: ROWS, later, close };
});
