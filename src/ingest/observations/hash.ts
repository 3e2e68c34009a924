import { createHash } from "node:crypto";

/** SHA-256 of a few texts and numbers, told apart, as hex. */
export function hashOf(parts: readonly (string | number | null | readonly string[])[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
