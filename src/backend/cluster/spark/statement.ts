import type { Clock } from "../../../clock.js";
import { failOn, refusal } from "./faults.js";
import type { SparkSession } from "./session.js";
import {
  FETCH_NEXT,
  FETCH_ROWS,
  STATE,
  UNFINISHED,
  type OperationHandle,
  type RawColumn,
  type RawColumnDescription,
} from "./wire.js";

/** A statement that has run; its rows wait in the server. */
export interface RunStatement {
  readonly columns: readonly RawColumnDescription[];
  /** The next rows by column; null when there are no more. One call at a time. */
  fetch(): Promise<readonly RawColumn[] | null>;
}

/** Pauses between looks at a statement that runs. The server itself holds an answer back for up to 5 s. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 250;
/** Looks at a statement that has failed without a reason yet: about 5 s. */
const MOST_UNEXPLAINED = 24;

/** Rows of the first block, and bounds of those after it, which are made about as large as `BLOCK_BYTES`. */
const FIRST_ROWS = 2_000;
const FEWEST_ROWS = 64;
const MOST_ROWS = 10_000;
const BLOCK_BYTES = 2 << 20;

/** Submits one statement: from the handle on it can be ended through another connection. */
export async function submit({ link, handle }: SparkSession, text: string): Promise<OperationHandle> {
  const answer = await link.call("ExecuteStatement", { sessionHandle: handle, statement: text, runAsync: true });
  failOn(answer.status);
  return answer.operationHandle;
}

/** Waits until a statement has run. */
export async function finished(
  { link }: SparkSession,
  operation: OperationHandle,
  clock: Clock,
  signal: AbortSignal,
): Promise<RunStatement> {
  const request = { operationHandle: operation };
  let unexplained = 0;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const askedAt = clock.now();
    const state = await link.call("GetOperationStatus", request);
    failOn(state.status);
    if (state.operationState === STATE.finished) break;
    // The server sets the state before it says why: it is asked again for a while.
    const isUnexplained = state.operationState === STATE.error && state.errorMessage === null;
    if (isUnexplained) unexplained += 1;
    if (!UNFINISHED.has(state.operationState) && (!isUnexplained || unexplained > MOST_UNEXPLAINED))
      throw refusal(state.errorMessage, state.sqlState);
    const rest = pause - (clock.now() - askedAt);
    if (rest > 0) await clock.sleep(rest, signal);
  }
  const described = await link.call("GetResultSetMetadata", request);
  failOn(described.status);
  let rows = FIRST_ROWS;
  return {
    columns: described.schema?.columns ?? [],
    async fetch() {
      const before = link.received();
      const block = await link.call("FetchResults", {
        operationHandle: operation,
        orientation: FETCH_NEXT,
        maxRows: rows,
        fetchType: FETCH_ROWS,
      });
      failOn(block.status);
      const columns = block.results?.columns ?? [];
      const count = rowsOf(columns);
      // Spark never says whether there is more: an empty block is the only end.
      if (count === 0) return null;
      const bytesPerRow = Math.max(1, (link.received() - before) / count);
      rows = Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, Math.floor(BLOCK_BYTES / bytesPerRow)));
      return columns;
    },
  };
}

export function rowsOf(columns: readonly RawColumn[]): number {
  const [first] = columns;
  if (first === undefined) return 0;
  for (const values of Object.values(first) as (RawColumn["i32Val"] | undefined)[]) {
    if (values !== null && values !== undefined) return values.values.length;
  }
  return 0;
}
