import type { ObservedMessage, ObservedRecord } from "../../domain/events/observation.js";
import type { ObservedPlace } from "./facts.js";
import { lookUpId } from "./recent-ids.js";
import { rejectionOf } from "./rejection.js";
import type { JudgeState } from "./state.js";
import { refusal } from "./types.js";
import type { Verdict } from "./judge.js";

/** A message that gives no reading: refused by the field it names, or noted once; the same again is a duplicate. */
export function judgeMessage(
  observed: ObservedRecord,
  message: ObservedMessage,
  place: ObservedPlace,
  state: JudgeState,
): Verdict {
  const { receivedAt } = observed;
  if (message.kind === "refused") {
    const { field, found, expected } = message;
    const refused = refusal("MESSAGE", field, found ?? undefined, expected);
    return { kind: "rejected", rejection: rejectionOf(refused, 0, observed, place, receivedAt) };
  }
  const { controlId, content } = message;
  if (controlId === null) return { kind: "noted" };
  const id = `message ${observed.source} ${controlId}`;
  const look = lookUpId(state, { patientId: place.key, id, content: content.slice(0, 16), receivedAt });
  if (look.seen === "duplicate") return { kind: "duplicate", eventId: id };
  look.remember();
  return { kind: "noted" };
}
