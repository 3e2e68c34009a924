const DURATION = /^P(?:(\d+)W|(?=[\dT])(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d{1,3}))?S)?)?)$/;
const MS = { week: 604_800_000, day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1_000 } as const;

/**
 * Milliseconds of an ISO 8601 duration such as `PT15S`, `PT2H30M` or `P1DT0.5S`; null for any other text. Years and months
 * have no fixed length and are none.
 */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text);
  if (match === null) return null;
  const [weeks, days, hours, minutes, seconds] = match.slice(1, 6).map((digits) => Number(digits ?? 0));
  const part = (count: number | undefined, ms: number): number => (count ?? 0) * ms;
  const whole =
    part(weeks, MS.week) +
    part(days, MS.day) +
    part(hours, MS.hour) +
    part(minutes, MS.minute) +
    part(seconds, MS.second);
  const milliseconds = whole + Number((match[6] ?? "").padEnd(3, "0"));
  return Number.isSafeInteger(milliseconds) ? milliseconds : null;
}

/** The shortest ISO 8601 text of whole milliseconds from 0; `PT0S` for none. Never weeks, so that it sorts with its kind. */
export function formatDuration(milliseconds: number): string {
  const part = (ms: number, next: number, unit: string): string => {
    const count = Math.floor((milliseconds % next) / ms);
    return count === 0 ? "" : `${String(count)}${unit}`;
  };
  const days = part(MS.day, Infinity, "D");
  const seconds = (milliseconds % MS.minute) / MS.second;
  const clock =
    part(MS.hour, MS.day, "H") + part(MS.minute, MS.hour, "M") + (seconds === 0 ? "" : `${String(seconds)}S`);
  if (days === "" && clock === "") return "PT0S";
  return `P${days}${clock === "" ? "" : `T${clock}`}`;
}
