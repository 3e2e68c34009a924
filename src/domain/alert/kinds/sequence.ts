import type { VitalAccepted } from "../../events/observation.js";
import { KEPT } from "../constants.js";
import { put, type Evaluation } from "../evaluation/case.js";
import type { DeviceSequence } from "../evaluation/state.js";

/**
 * How many records of its device have not come yet, by this reading's number; null where it has none. A device that was started
 * again begins anew; what comes late fills its gap; what a panel holds has one number.
 */
export function noteSequence(evaluation: Evaluation, reading: VitalAccepted): number | null {
  const { deviceId: device, session, sequence } = reading;
  if (device === null || sequence === null) return null;
  const { devices } = evaluation.state;
  const known = devices.find((one) => one.device === device);
  const isNew = known === undefined || known.session !== session;
  const next = isNew ? { device, session, sequence, missing: 0, lateAt: null } : after(known, sequence);
  if (next === known) return known.missing;
  const others = devices.filter((one) => one !== known);
  put(evaluation, { devices: [...others, next].slice(-KEPT.devices) });
  return next.missing;
}

function after(known: DeviceSequence, sequence: number): DeviceSequence {
  const { sequence: high, missing, lateAt } = known;
  if (sequence > high) return { ...known, sequence, missing: missing + sequence - high - 1 };
  if (sequence === high || sequence === lateAt || missing === 0) return known;
  return { ...known, missing: missing - 1, lateAt: sequence };
}

/** What is missing was called: the next gap is counted anew. */
export function forgetGap(evaluation: Evaluation, device: string): void {
  const devices = evaluation.state.devices.map((one) => (one.device === device ? { ...one, missing: 0 } : one));
  put(evaluation, { devices });
}
