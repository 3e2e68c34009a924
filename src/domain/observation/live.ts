import reference from "../../../reference/live.json" with { type: "json" };

/** Conventions of reading live data; each says in `reference/live.json` where it comes from. Milliseconds and bytes. */
export const LIVE = {
  allowedLatenessMs: reference.allowedLatenessMs.value,
  clockAheadMs: reference.clockAheadMs.value,
  clockBehind: reference.clockBehind.value,
  earliest: Date.parse(reference.earliest.value),
  recordBytes: reference.recordBytes.value,
  messageBytes: reference.messageBytes.value,
  recordDepth: reference.recordDepth.value,
  readingsPerRecord: reference.readingsPerRecord.value,
  sequences: reference.sequences.value,
  ids: reference.ids.value,
  silentMs: reference.silentMs.value,
  clocksPerPatient: reference.clocksPerPatient.value,
} as const;
