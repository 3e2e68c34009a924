export { writeDemo, type DemoManifest, type DemoReport, type DemoRequest } from "./demo.js";
export type { DemoFile } from "./files.js";
export { KNOWLEDGE_FILES } from "./knowledge.js";
export { SIMULATED_REGIONS } from "./regions.js";
