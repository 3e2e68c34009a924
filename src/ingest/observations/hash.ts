import { hash } from "node:crypto";

/** SHA-256 of a few texts and numbers, told apart, as hex. */
export function hashOf(parts: readonly (string | number | null | readonly string[])[]): string {
  return hash("sha256", JSON.stringify(parts));
}
