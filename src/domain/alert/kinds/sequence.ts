import type { VitalAccepted } from "../../events/observation.js";
import { KEPT } from "../constants.js";
import { put, type Evaluation } from "../evaluation/case.js";
import type { DeviceSequence } from "../evaluation/state.js";

/**
 * How many records of its device have not come yet, by this reading's number; null where it says nothing new: it has none, or
 * the last one's (what a panel holds has one number). A device that was started again begins anew, what comes late fills its
 * gap, and what is missing and `isCalled` is not called again: the next gap is counted anew.
 */
export function noteSequence(evaluation: Evaluation, reading: VitalAccepted, isCalled: boolean): number | null {
  const { deviceId: device, session, sequence } = reading;
  if (device === null || sequence === null) return null;
  const { devices } = evaluation.state;
  const known = devices.find((one) => one.device === device);
  const next =
    known?.session === session
      ? after(known, sequence, isCalled)
      : { device, session, sequence, missing: 0, lateAt: null };
  if (next === null) return null;
  const others = devices.filter((one) => one !== known);
  put(evaluation, { devices: [...others, next].slice(-KEPT.devices) });
  return next.missing;
}

function after(known: DeviceSequence, sequence: number, isCalled: boolean): DeviceSequence | null {
  const { sequence: high, lateAt } = known;
  if (sequence === high || sequence === lateAt) return null;
  const missing = isCalled ? 0 : known.missing;
  if (sequence > high) return { ...known, sequence, missing: missing + sequence - high - 1 };
  return { ...known, missing: Math.max(0, missing - 1), lateAt: sequence };
}
