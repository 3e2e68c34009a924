import { startService } from "../helpers/service.js";
import { defineHl7Scenes } from "./hl7-scenes.js";

defineHl7Scenes(60, () => startService());
