export { readRecordings } from "./read.js";
export type { Recording } from "./recording.js";
export { planOf, replayOf, type ReplayPlan, type ReplayRequest } from "./replay.js";
