import { EXIT, failure } from "./output.js";

const FORMATS: Readonly<Record<string, string>> = {
  parquet: "PARQUET",
  arrow: "ARROW_IPC",
  csv: "CSV",
  ndjson: "NDJSON",
  vcf: "VCF_BGZ",
};
const BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/\.parquet$/i, "parquet"],
  [/\.(?:arrow|feather)$/i, "arrow"],
  [/\.csv$/i, "csv"],
  [/\.(?:ndjson|jsonl)$/i, "ndjson"],
  [/\.vcf\.b?gz$/i, "vcf"],
];

/** The format that is named, or that the name of the file tells. */
export function exportFormat(stated: string | undefined, file: string): string {
  const name = stated ?? BY_NAME.find(([pattern]) => pattern.test(file))?.[1];
  const format = FORMATS[name?.toLowerCase() ?? ""];
  if (format !== undefined) return format;
  const expected = Object.keys(FORMATS).join(", ");
  throw failure(
    EXIT.usage,
    stated === undefined
      ? `the name of ${file} tells no format: give --format (${expected})`
      : `--format: expected ${expected}, found ${stated}`,
  );
}
