export { countVerdicts, type Judged } from "./counts.js";
export { forgetSilent } from "./forget.js";
export type { JudgeFacts, ObservedPlace } from "./facts.js";
export { judge, type Verdict } from "./judge.js";
export { readRecord } from "./read.js";
export type { JudgeState } from "./state.js";
export { OBSERVATION_RULES, type ObservationRule, type Reading, type RecordReading, type Refusal } from "./types.js";
