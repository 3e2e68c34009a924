import { Temporal } from "temporal-polyfill";
import { LIVE } from "./live.js";

/** What a text says of a time. */
export type ParsedTime =
  | { readonly kind: "time"; readonly at: number }
  | { readonly kind: "syntax" }
  /** It has no offset, and there is no zone to read it in. */
  | { readonly kind: "zone" };

const TIME =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?(Z|z|[+-]\d\d:\d\d|[+-]\d{4}))?$/;

/**
 * Milliseconds of an ISO 8601 time with at least minutes. Without an offset it is read in the zone: in the hour that comes
 * twice when clocks are set back, the later one unless that lies ahead of the receipt; in the hour that is left out when they
 * are set forward, by the offset before, as a clock that nobody has set shows it. A 60th second is the next minute's first.
 */
export function parseTime(text: string, zone: string | null, receivedAt: number): ParsedTime {
  const match = TIME.exec(text);
  if (match === null) return { kind: "syntax" };
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((part) => Number(match[part] ?? 0));
  const fraction = Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
  const offset = match[8];
  const isLeap = second === 60;
  const plain = new Date(0);
  plain.setUTCFullYear(year!, month! - 1, day);
  // A day that does not exist is one of another month.
  if (plain.getUTCMonth() !== month! - 1 || plain.getUTCDate() !== day) return { kind: "syntax" };
  if (hour! > 23 || minute! > 59 || second! > 60) return { kind: "syntax" };
  const local = plain.setUTCHours(hour!, minute, isLeap ? 59 : second, fraction);
  const extra = isLeap ? 1000 : 0;
  if (offset !== undefined) {
    const shift = offsetMs(offset);
    return shift === null ? { kind: "syntax" } : { kind: "time", at: local - shift + extra };
  }
  const at = zone === null ? null : inZone(local, zone, receivedAt);
  return at === null ? { kind: "zone" } : { kind: "time", at: at + extra };
}

/** Whether there is such a zone (IANA). */
export function isZone(zone: string): boolean {
  return inZone(0, zone, 0) !== null;
}

function offsetMs(offset: string): number | null {
  if (offset === "Z" || offset === "z") return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(-2));
  if (hours > 14 || minutes > 59) return null;
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** Of what a clock shows, as if it stood in UTC. */
function inZone(local: number, zone: string, receivedAt: number): number | null {
  const plain = Temporal.PlainDateTime.from(new Date(local).toISOString().slice(0, -1));
  try {
    const later = plain.toZonedDateTime(zone, { disambiguation: "later" });
    const isLeftOut = !later.toPlainDateTime().equals(plain);
    if (isLeftOut || later.epochMilliseconds <= receivedAt + LIVE.clockAheadMs) return later.epochMilliseconds;
    return plain.toZonedDateTime(zone, { disambiguation: "earlier" }).epochMilliseconds;
  } catch {
    return null;
  }
}
