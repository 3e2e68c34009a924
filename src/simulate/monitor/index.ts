export type { Delivery, DeliveryFault, DeviceRecord } from "./delivery.js";
export type { Episode } from "./episode.js";
export { EPISODES } from "./tables.js";
export { SIMULATED_QUALITY, vitalsOf, type Bed, type VitalsRequest } from "./vitals.js";
