import { describe, expect, it } from "@jest/globals";
import {
  annotateVariantsParameters,
  ingestAnnotationsParameters,
  ingestVariantsParameters,
  parseParameters,
  parseRawId,
  rawFileName,
  removeCallSetParameters,
  type IngestVariantsParameters,
} from "../../src/jobs/parameters.js";

const SHA = "0123456789abcdef".repeat(4);
const RAW = `raw:${SHA}/cohort.vcf.gz`;

function buildIngest(overrides: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const valid: IngestVariantsParameters = {
    uris: [RAW],
    assemblyId: "GRCh38",
    callSet: "1000 Genomes",
    callSetKind: "COHORT_VARIANTS_ONLY",
    samplesUri: null,
    referenceUri: null,
    minQual: null,
    passOnly: false,
    minAf: null,
    maxAf: null,
    dryRun: false,
  };
  return { ...valid, ...overrides };
}

describe("parameters of ingest-variants", () => {
  it.each([
    ["every field", {}],
    ["nothing stated", { assemblyId: null, callSet: null, callSetKind: null }],
    ["bounds at their ends", { minQual: -1, minAf: 0, maxAf: 1 }],
    ["a sheet and a reference", { samplesUri: `raw:${SHA}/sheet.tsv`, referenceUri: `raw:${SHA}/ref.fa` }],
    ["a label with all that is allowed", { callSet: "a B_0.:+-9" }],
  ])("with %s are read back as they are", (_name, overrides) => {
    const value = buildIngest(overrides);
    expect(parseParameters(ingestVariantsParameters, value)).toEqual(value);
  });

  it.each([
    ["no file", "uris", { uris: [] }],
    ["a path for a file", "uris.0", { uris: ["/etc/passwd"] }],
    ["a file id that climbs", "uris.1", { uris: [RAW, `raw:${SHA}/../../secret`] }],
    ["a hash that is too short", "uris.0", { uris: ["raw:abc/x.vcf"] }],
    ["a hash in upper case", "uris.0", { uris: [`raw:${SHA.toUpperCase()}/x.vcf`] }],
    ["a file id with more than a name", "samplesUri", { samplesUri: `raw:${SHA}/a/b` }],
    ["a file id without a name", "referenceUri", { referenceUri: `raw:${SHA}/` }],
    ["a build nobody knows", "assemblyId", { assemblyId: "hg18" }],
    ["an empty label", "callSet", { callSet: "" }],
    ["a label of two lines", "callSet", { callSet: "a\nb" }],
    ["a label that ends in a line end", "callSet", { callSet: "a\n" }],
    ["a label that begins with a dash", "callSet", { callSet: "-rf" }],
    ["a label of 65", "callSet", { callSet: "a".repeat(65) }],
    ["a kind nobody knows", "callSetKind", { callSetKind: "WGS" }],
    ["no number", "minQual", { minQual: Number.NaN }],
    ["an infinite number", "minQual", { minQual: Infinity }],
    ["a fraction above one", "maxAf", { maxAf: 1.01 }],
    ["a fraction below zero", "minAf", { minAf: -0.01 }],
    ["a word for a boolean", "passOnly", { passOnly: "yes" }],
    ["a lower bound above the upper", "maxAf", { minAf: 0.5, maxAf: 0.4 }],
    ["a name that looks like an id", "callSet", { callSet: "cs-0123456789abcdef" }],
    ["a missing field", "dryRun", { dryRun: undefined }],
  ])("with %s name the field %s", (_name, field, overrides) => {
    expect(() => parseParameters(ingestVariantsParameters, buildIngest(overrides))).toThrow(
      expect.objectContaining({ code: "BAD_USER_INPUT", details: expect.objectContaining({ field }) as unknown }),
    );
  });

  it.each([[{ more: 1 }], [null], ["text"], [[]]])("%j is refused", (value) => {
    const whole = typeof value === "object" && value !== null && "more" in value ? buildIngest(value) : value;
    expect(() => parseParameters(ingestVariantsParameters, whole)).toThrow(
      expect.objectContaining({ code: "BAD_USER_INPUT" }),
    );
  });

  it("the message says the field and what was expected", () => {
    expect(() => parseParameters(ingestVariantsParameters, buildIngest({ uris: ["x"] }))).toThrow(
      "uris.0: an id that PUT /files answered",
    );
  });
});

describe("parameters of the other jobs", () => {
  const annotations = { uris: [RAW], source: "ClinVar", version: "2024-12-15", assemblyId: null, releasedAt: null };

  it("a release date is a day that exists", () => {
    const on = (releasedAt: string): unknown =>
      parseParameters(ingestAnnotationsParameters, { ...annotations, releasedAt });
    expect(on("2024-02-29")).toMatchObject({ releasedAt: "2024-02-29" });
    for (const day of ["2023-02-29", "2024-13-01", "15.12.2024", "2024-12-15T00:00:00Z", ""]) {
      expect(() => on(day)).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
    }
  });

  it("a source and a version must be named", () => {
    for (const field of ["source", "version"]) {
      expect(() => parseParameters(ingestAnnotationsParameters, { ...annotations, [field]: "" })).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ field }) as unknown }),
      );
    }
  });

  it("a call set is removed for a reason", () => {
    const value = { callSetId: "cs-1", reason: "wrong build" };
    expect(parseParameters(removeCallSetParameters, value)).toEqual(value);
    for (const wrong of [{ reason: "" }, { reason: "x".repeat(1001) }, { callSetId: "" }]) {
      expect(() => parseParameters(removeCallSetParameters, { ...value, ...wrong })).toThrow(
        expect.objectContaining({ code: "BAD_USER_INPUT" }),
      );
    }
  });

  it("annotate-variants takes none", () => {
    expect(parseParameters(annotateVariantsParameters, {})).toEqual({});
    expect(() => parseParameters(annotateVariantsParameters, { source: "x" })).toThrow(
      expect.objectContaining({ code: "BAD_USER_INPUT" }),
    );
  });
});

describe("the id of an uploaded file", () => {
  it("says where the bytes lie and the name they came with", () => {
    expect(parseRawId(RAW)).toEqual({ sha256: SHA, name: "cohort.vcf.gz", path: `raw/${SHA}/data.vcf.gz` });
  });

  it.each(["", "raw:", RAW.slice(4), `x${RAW}`, `raw:${SHA.slice(1)}/a`, `raw:${SHA}`, `raw:${SHA}/`])(
    "%j is none",
    (id) => {
      expect(() => parseRawId(id)).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
    },
  );

  it("every id that a job accepts can be read, whatever the name", () => {
    for (const name of ["a", "..", "é.vcf", "a b.vcf", "a\nb.vcf", "raw:x", "x".repeat(255), "\u2028"]) {
      const id = `raw:${SHA}/${name}`;
      expect(parseParameters(ingestVariantsParameters, buildIngest({ uris: [id] }))).toMatchObject({ uris: [id] });
      expect(parseRawId(id).name).toBe(name);
    }
  });

  it.each([
    ["cohort.vcf.gz", "data.vcf.gz"],
    ["HG001.GRCh38.vcf.bgz", "data.vcf.bgz"],
    ["COHORT.VCF.GZ", "data.vcf.gz"],
    ["sheet.tsv", "data.tsv"],
    ["name", "data"],
    [".vcf", "data.vcf"],
    ["dot.", "data"],
    ["..", "data"],
    ["a.b c.vcf", "data.vcf"],
    ["archive.averylongending", "data"],
    ["x.vcf\u0000.sh", "data.sh"],
  ])("%j is stored as %s", (name, stored) => {
    expect(rawFileName(name)).toBe(stored);
  });

  it("no name leaves the folder of its bytes", () => {
    for (const name of ["../../etc/passwd", "..\\..\\x.vcf", "a/../../b.vcf.gz", "/abs.vcf"]) {
      expect(rawFileName(name)).toMatch(/^data(\.[a-z0-9]{1,8}){0,2}$/);
    }
  });
});
