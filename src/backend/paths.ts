import { VitalomeError } from "../errors.js";
import type { ByteRange } from "./index.js";

/** The rules of stored paths that every profile keeps, so that what one refuses the other does too. */

/** Unfinished files lie here and are never listed. */
export const SCRATCH = ".scratch";

/** BAD_USER_INPUT unless the path is relative and of plain segments. */
export function checkPath(path: string): void {
  const isPlain = (segment: string): boolean => segment !== "" && segment !== "." && segment !== "..";
  const segments = path.split("/");
  if (/[\\\0]/.test(path) || path.length > 1024 || !segments.every(isPlain) || segments[0] === SCRATCH) {
    throw invalid("plain segments separated by /");
  }
}

export function checkRange({ offset, length }: ByteRange): void {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
    throw new VitalomeError("BAD_USER_INPUT", "not a range of bytes", { details: { field: "range" } });
  }
}

/** Entries of one folder so that a walk in depth gives whole paths in the order of their text. */
export function inPathOrder<T extends { readonly name: string; readonly isFolder: boolean }>(
  entries: readonly T[],
): readonly T[] {
  return entries
    .map((entry) => ({ entry, key: entry.isFolder ? `${entry.name}/` : entry.name }))
    .sort((left, right) => (left.key < right.key ? -1 : 1))
    .map(({ entry }) => entry);
}

export function notFound(path: string, cause?: unknown): VitalomeError {
  return new VitalomeError("NOT_FOUND", "no such file in the store", { cause: cause ?? new Error(path) });
}

export function invalid(expected: string): VitalomeError {
  return new VitalomeError("BAD_USER_INPUT", `not a path of the store: expected ${expected}`, {
    details: { field: "path", expected },
  });
}
