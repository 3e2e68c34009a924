import { BUILDS, type Build } from "../domain/contig.js";
import { EXIT, failure } from "./output.js";

/** The value of `--assembly`; null where it was not given. */
export function assemblyOf(text: string | undefined): Build | null {
  if (text === undefined) return null;
  const build = BUILDS.find((known) => known === text);
  if (build === undefined) throw failure(EXIT.usage, `--assembly: expected GRCh38 or GRCh37, found ${text}`);
  return build;
}
