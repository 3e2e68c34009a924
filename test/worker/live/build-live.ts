import type { VitalAccepted } from "../../../src/domain/events/observation.js";
import * as build from "../../helpers/build.js";

/** 2026-01-01T00:00:00Z. */
export const START = Date.UTC(2026, 0, 1);

/** Received when it was measured, with the watermark two minutes behind. */
export function buildAccepted(overrides: Partial<VitalAccepted> = {}): VitalAccepted {
  const effectiveTime = overrides.effectiveTime ?? START;
  return build.buildAccepted({
    eventId: `event-${String(effectiveTime)}`,
    effectiveTime,
    receivedAt: effectiveTime,
    watermark: effectiveTime - 120_000,
    ...overrides,
  });
}
