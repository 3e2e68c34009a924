import { startService } from "../helpers/service.js";
import { defineLiveScenes } from "./live-scenes.js";

defineLiveScenes("embedded", 60, () => startService(undefined, ["--no-demo"], { VITALOME_CLOCK: "input" }));
