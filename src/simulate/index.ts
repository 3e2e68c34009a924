export { writeDemo, type DemoManifest, type DemoReport, type DemoRequest } from "./demo.js";
export type { DemoFile } from "./files.js";
export { KNOWLEDGE_FILES } from "./knowledge.js";
export { personAt } from "./people.js";
export { createRandom } from "./random.js";
export { SIMULATED_REGIONS } from "./regions.js";
export {
  EPISODES,
  SIMULATED_QUALITY,
  vitalsOf,
  type Bed,
  type Delivery,
  type DeliveryFault,
  type DeviceRecord,
  type Episode,
  type VitalsRequest,
} from "./monitor/index.js";
export {
  planOf,
  readRecordings,
  replayOf,
  type Recording,
  type ReplayPlan,
  type ReplayRequest,
} from "./replay/index.js";
