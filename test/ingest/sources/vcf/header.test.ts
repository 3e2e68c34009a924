import { describe, expect, it } from "@jest/globals";
import { collect, vcf } from "./collect.js";

async function refusal(text: string | Uint8Array, limits = {}): Promise<unknown> {
  let records = 0;
  try {
    records = (await collect(text, { limits })).records.length;
  } catch (thrown) {
    return thrown;
  }
  throw new Error(`the file was read, with ${String(records)} records`);
}

const record = "1 1 . A C . . .";

describe("a header that breaks a rule refuses the file, naming line and field", () => {
  it.each([
    ["an empty file", "", 1, "##fileformat"],
    ["no fileformat", vcf([record]).split("\n").slice(1).join("\n"), 1, "##fileformat"],
    ["an unknown version", vcf([record], { version: "5.0" }), 1, "##fileformat"],
    ["no #CHROM line", "##fileformat=VCFv4.3\n##source=x\n", 2, "#CHROM"],
    ["a record before #CHROM", "##fileformat=VCFv4.3\n1\t1\t.\tA\tC\t.\t.\t.\n", 2, "header"],
    ["a column misnamed", vcf([record]).replace("POS", "POSITION"), 2, "#CHROM"],
    ["spaces between the columns", vcf([record]).replaceAll("\t", " "), 2, "#CHROM"],
    ["FORMAT without samples", vcf([]).replace("INFO", "INFO\tFORMAT"), 2, "#CHROM"],
    ["a sample twice", vcf([], { samples: 2 }).replace("S1", "S0"), 2, "#CHROM"],
    ["an empty sample name", vcf([], { samples: 2 }).replace("\tS0", "\t"), 2, "#CHROM"],
    ["NUL bytes", vcf([], { meta: ["##source=\0"] }), 2, "header"],
    [
      "an INFO twice",
      vcf([], { meta: Array<string>(2).fill('##INFO=<ID=X,Number=1,Type=Float,Description="x">') }),
      3,
      "##INFO",
    ],
    ["an unknown type", vcf([], { meta: ['##INFO=<ID=X,Number=1,Type=Text,Description="x">'] }), 2, "##INFO"],
    ["a flag in FORMAT", vcf([], { meta: ['##FORMAT=<ID=X,Number=0,Type=Flag,Description="x">'] }), 2, "##FORMAT"],
    ["no description", vcf([], { meta: ["##FILTER=<ID=q10>"] }), 2, "##FILTER"],
    ["a filter called 0", vcf([], { meta: ['##FILTER=<ID=0,Description="x">'] }), 2, "##FILTER"],
    ["an unclosed quotation", vcf([], { meta: ['##FILTER=<ID=q10,Description="x>'] }), 2, "header"],
    ["an unclosed bracket", vcf([], { meta: ['##FILTER=<ID=q10,Description="x"'] }), 2, "header"],
    [
      "a reserved key redefined",
      vcf([], { meta: ['##INFO=<ID=AC,Number=1,Type=Integer,Description="x">'] }),
      2,
      "##INFO",
    ],
    ["a length that is no number", vcf([], { meta: ["##contig=<ID=1,length=long>"] }), 2, "##contig"],
  ])("%s", async (_what, text, line, field) => {
    expect(await refusal(text)).toMatchObject({ code: "INGEST_REJECTED", details: { line, field } });
  });

  it("a byte order mark, by its name", async () => {
    expect(await refusal(`\uFEFF${vcf([record])}`)).toMatchObject({
      details: { expected: expect.stringMatching(/byte order mark/) },
    });
  });

  it("a sample name that is not UTF-8, in any version", async () => {
    const text = Buffer.from(vcf([], { version: "4.1", samples: 1 }).replace("S0", "J\u00f6rg"), "latin1");
    expect(await refusal(text)).toMatchObject({ details: { line: 2, field: "header", expected: "UTF-8 text" } });
  });

  it.each([
    ["samples", { samples: 2 }, vcf([], { samples: 3 }), 2, 3],
    ["headerBytes", { headerBytes: 40 }, vcf([]), 2, 60],
    ["lineBytes", { lineBytes: 2_000_000 }, vcf([], { meta: [`##x=${"x".repeat(3_000_000)}`] }), 2, 2_000_001],
  ])("more than the limit %s", async (limit, limits, text, line, actual) => {
    expect(await refusal(text, limits)).toMatchObject({ code: "INGEST_REJECTED", details: { line, limit, actual } });
  });
});

describe("a header", () => {
  it("before 4.3 may carry text of another encoding", async () => {
    const text = Buffer.from(vcf([record], { version: "4.2", meta: ["##note=J\u00f6rg"] }), "latin1");
    expect((await collect(text)).summary.accepted).toBe(1);
  });

  it("may state a dot where the specification fixes a number, and the number GATK, freebayes or samtools write", async () => {
    const meta = [
      '##INFO=<ID=AC,Number=.,Type=Integer,Description="x">',
      '##INFO=<ID=MQ,Number=1,Type=Float,Description="x">',
      '##FORMAT=<ID=GQ,Number=1,Type=Float,Description="x">',
      '##FORMAT=<ID=GL,Number=3,Type=Float,Description="x">',
      '##FORMAT=<ID=PS,Number=1,Type=String,Description="x">',
    ];
    const { header } = await collect(vcf([], { version: "4.1", meta }));
    expect(header.formats.get("GQ")?.type).toBe("Float");
    expect(header.infos.get("AC")?.number).toBe(".");
  });

  it.each([
    ["contig lengths", ["##contig=<ID=chr20,length=64444167>"], "GRCh38"],
    ["contig lengths against a name", ["##contig=<ID=20,length=63025520>", "##reference=hg38"], "GRCh37"],
    ["the assembly of its contigs", ['##contig=<ID=chr1,assembly=hg38,species="Homo sapiens">'], "GRCh38"],
    ["its reference", ["##reference=file:///data/GRCh38_full_analysis_set_plus_decoy_hla.fa"], "GRCh38"],
    ["nothing", [], null],
    ["contradicting names", ["##reference=hg38", "##contig=<ID=1,assembly=b37>"], null],
    [
      "lengths of another assembly, whatever it is called",
      ["##contig=<ID=1,length=247249719>", "##reference=hg38"],
      null,
    ],
  ])("tells its build by %s", async (_what, meta, build) => {
    expect((await collect(vcf([record], { meta }))).header.build).toBe(build);
  });

  it("gives a source stated by a tool with its own key", async () => {
    const { header } = await collect(vcf([], { meta: ["##source_20101130.1=vcf-annotate(r800)", "##source=later"] }));
    expect(header.source).toBe("vcf-annotate(r800)");
  });

  it("is handed on, and waited for, before the first record", async () => {
    const { readVcf } = await import("../../../../src/ingest/sources/vcf/index.js");
    const { chunksOf } = await import("./collect.js");
    const order: string[] = [];
    await readVcf(chunksOf(vcf([record])), {
      async header() {
        await new Promise((resolve) => setImmediate(resolve));
        order.push("header");
      },
      record: () => order.push("record"),
      reject: () => order.push("reject"),
      flush: async () => {},
    });
    expect(order).toEqual(["header", "record"]);
  });
});
