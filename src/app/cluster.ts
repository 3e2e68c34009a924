import { VitalomeError } from "../errors.js";
import type { Ground, GroundOptions } from "./ground.js";

export async function openCluster(_options: GroundOptions): Promise<Ground> {
  return Promise.reject(
    new VitalomeError("CONFIG_INVALID", "the cluster profile is not part of this release: use --profile embedded"),
  );
}
