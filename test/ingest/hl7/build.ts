import { readFileSync } from "node:fs";
import { requireShared } from "../../helpers/shared.js";

export function realMessage(name: string): string {
  return readFileSync(requireShared(`clinical/hl7v2/${name}`), "utf8");
}

/** A message from segments in which `|` and the usual characters divide. */
export function buildMessage(type: string, ...segments: readonly string[]): string {
  const header = `MSH|^~\\&|LAB|H1|EHR|H1|20260301100000+0100||${type}|M1|P|2.5`;
  return [header, ...segments].join("\r");
}
