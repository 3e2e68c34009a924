export { countVerdicts, type Judged } from "./counts.js";
export { judge, type JudgeFacts, type ObservedPlace, type Verdict } from "./judge.js";
export { readRecord } from "./read.js";
export type { JudgeState } from "./state.js";
export { OBSERVATION_RULES, type ObservationRule, type Reading, type RecordReading, type Refusal } from "./types.js";
