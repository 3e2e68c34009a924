import reference from "../../reference/fetch-sources.json" with { type: "json" };
import { canonicalContig, type Build } from "../domain/contig.js";
import { VitalomeError } from "../errors.js";

export interface FetchSource {
  readonly id: string;
  /** Null where one file serves every build. */
  readonly assembly: Build | null;
  readonly title: string;
  readonly kind: "vcf" | "file";
  /** Ends in a slash. */
  readonly base: string;
  /** Below the base; `{contig}` stands for the canonical contig. */
  readonly path: string;
  /** Paths of contigs that do not follow the template. */
  readonly exceptions: Readonly<Partial<Record<string, string>>>;
  readonly contigs: readonly string[];
  /** Whether the whole file may be fetched, or regions of it only. */
  readonly whole: boolean;
  readonly checksum: { readonly algorithm: string; readonly path: string } | null;
  readonly terms: string;
  /** Whether this program has been seen working against the real host. */
  readonly tried: boolean;
}

export const FETCH_SOURCES = reference.sources as readonly FetchSource[];

export interface SourceFile {
  readonly url: string;
  readonly checksum: { readonly algorithm: string; readonly url: string } | null;
}

/** The source of that name and build; without a build, GRCh38. */
export function findSource(id: string, build: Build): FetchSource {
  const named = FETCH_SOURCES.filter((source) => source.id === id);
  const source = named.find(({ assembly }) => assembly === null || assembly === build);
  if (source !== undefined) return source;
  const known = [...new Set(FETCH_SOURCES.map((known) => known.id))].join(", ");
  throw new VitalomeError("BAD_USER_INPUT", `there is no source ${id} for ${build}: expected one of ${known}`, {
    details: { field: "source", expected: known },
  });
}

/** Where a source's file for a contig lies; `base` stands in for the published one, such as a mirror's. */
export function fileOf(source: FetchSource, contig: string | null, base: string = source.base): SourceFile {
  const root = base.endsWith("/") ? base : `${base}/`;
  const canonical = contig === null ? null : canonicalContig(contig);
  if (canonical !== null && source.contigs.length > 0 && !source.contigs.includes(canonical)) {
    throw new VitalomeError(
      "NOT_FOUND",
      `${source.title}: has no contig ${contig ?? ""}; it has ${source.contigs.join(", ")}`,
    );
  }
  const exception = canonical === null ? undefined : source.exceptions[canonical];
  const path = exception ?? source.path.replaceAll("{contig}", canonical ?? "");
  return {
    url: new URL(path, root).href,
    checksum:
      source.checksum === null
        ? null
        : { algorithm: source.checksum.algorithm, url: new URL(source.checksum.path, root).href },
  };
}
