import { VitalomeError } from "../errors.js";
import { plainUrl } from "./http.js";

export const RETRY = {
  /** Attempts in a row that bring less than `progressBytes`, after the first. */
  attempts: 5,
  progressBytes: 64 << 10,
  firstWaitMs: 500,
  /** A server that asks for a longer wait is left alone. */
  longestWaitMs: 60_000,
} as const;

const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Statuses that may be another on the next attempt. */
export function isPassing(status: number): boolean {
  return PASSING.has(status);
}

/** Milliseconds before the attempt of that number (from 1): what the server asks for, else doubling from half a second. */
export function waitBefore(attempt: number, retryAfter: string | null, now: number, url: string): number {
  const asked = retryAfter === null ? null : askedWait(retryAfter, now);
  if (asked === null) return Math.min(RETRY.firstWaitMs * 2 ** (attempt - 1), RETRY.longestWaitMs);
  if (asked <= RETRY.longestWaitMs) return asked;
  throw new VitalomeError(
    "BACKEND_UNAVAILABLE",
    `${plainUrl(url)}: the server asks to come back in ${String(Math.ceil(asked / 1000))} s`,
  );
}

/** Seconds or an HTTP date; null for anything else. */
function askedWait(text: string, now: number): number | null {
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
