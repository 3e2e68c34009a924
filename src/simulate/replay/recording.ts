import { VitalomeError } from "../../errors.js";

/** What was recorded of one stay, as it stands in its file. */
export interface Recording {
  /** A name of `reference/replay-columns.json`. */
  readonly dataset: string;
  /** Name of the stay, from its file. */
  readonly stay: string;
  /** In order of time; those of one time in the order of the file. */
  readonly values: readonly RecordedValue[];
  /** Cells that hold nothing. */
  readonly absent: number;
}

export interface RecordedValue {
  /** From the beginning of the stay. */
  readonly seconds: number;
  readonly column: string;
  readonly value: number;
}

/** What a file breaks: nothing of it is replayed. */
export function broken(file: string, message: string, line?: number): VitalomeError {
  const place = line === undefined ? file : `${file}, line ${String(line)}`;
  return new VitalomeError("BAD_USER_INPUT", `${place}: ${message}`, {
    details: { file, ...(line === undefined ? {} : { line }) },
  });
}

/** A number as these files write it; null for any other text. */
export function numberIn(text: string): number | null {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(text) ? Number(text) : null;
}
