import { canonicalContig, contigLength, type Build, type StatedContig } from "../../../domain/contig.js";

/**
 * Bases of a contig as a file names it: what its own `##contig` line states, else what the build says; null where
 * neither knows the contig. Cheap for records of one contig in a row.
 */
export function createContigLengths(
  stated: readonly StatedContig[],
  build: Build | null,
): (contig: string) => number | null {
  const lengths = new Map<string, number>();
  for (const { id, length } of stated) if (length !== null && length > 0) lengths.set(id, length);
  let last = "";
  let lastLength: number | null = null;
  return (contig) => {
    if (contig !== last) {
      last = contig;
      lastLength = lengths.get(contig) ?? (build === null ? null : contigLength(build, canonicalContig(contig)));
    }
    return lastLength;
  };
}
