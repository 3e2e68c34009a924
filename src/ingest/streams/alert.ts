import type { LoggedEvent } from "../../backend/index.js";
import {
  alertCommandedSchema,
  alertTransitionedSchema,
  type AlertCommanded,
  type AlertTransitioned,
} from "../../domain/events/alert.js";
import type { TopicName } from "../../domain/events/index.js";
import { readEvent } from "./read.js";

export const ALERT_COMMANDED = "alert.commanded.v1" satisfies TopicName;
export const ALERT_TRANSITIONED = "alert.transitioned.v1" satisfies TopicName;

export function parseAlertCommand(event: LoggedEvent): AlertCommanded {
  return readEvent(event, alertCommandedSchema);
}

export function parseAlertTransition(event: LoggedEvent): AlertTransitioned {
  return readEvent(event, alertTransitionedSchema);
}
