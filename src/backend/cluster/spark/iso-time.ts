/** Spark prints `2024-01-02 03:04:05.678` in the zone of the session, which is UTC: `2024-01-02T03:04:05.678Z`. */
export function isoTime(text: string): string {
  return `${text.replace(" ", "T")}Z`;
}
