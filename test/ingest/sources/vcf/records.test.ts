import { readFile } from "node:fs/promises";
import { describe, expect, it } from "@jest/globals";
import { collect, vcf } from "./collect.js";

const specification = await readFile(new URL("../../../fixtures/vcf/specification-4.3.vcf", import.meta.url));

describe.each(["plain", "words"] as const)("reading records with the %s scanner", (scanner) => {
  it("gives every column of the specification's example", async () => {
    const { header, records, summary } = await collect(specification, { scanner });
    expect(summary).toEqual({ recordsRead: 5, accepted: 5, rejected: 0, bytes: specification.length });
    expect(header).toMatchObject({
      version: "4.3",
      samples: ["NA00001", "NA00002", "NA00003"],
      source: "myImputationProgramV3.1",
      build: null,
      lines: 19,
      contigs: [{ id: "20", length: 62435964, assembly: "B36" }],
    });
    expect(header.filters.get("q10")).toEqual({ id: "q10", description: "Quality below 10" });
    expect(header.infos.get("AF")).toEqual({ id: "AF", number: "A", type: "Float" });
    expect(header.formats.get("HQ")).toEqual({ id: "HQ", number: 2, type: "Integer" });
    expect(records[1]).toEqual({
      line: 21,
      contig: "20",
      pos: 17330,
      ids: [],
      ref: "T",
      alts: ["A"],
      qual: 3,
      filters: ["q10"],
      info: "NS=3;DP=11;AF=0.017",
      endPos: null,
      base: "0|0",
      listed: { 0: { gt: "0|0", dp: 3, gq: 49 }, 1: { gt: "0|1", dp: 5, gq: 3 }, 2: { gt: "0/0", dp: 3, gq: 41 } },
    });
    expect(records.map(({ alts, filters, ids }) => [alts, filters, ids])).toEqual([
      [["A"], [], ["rs6054257"]],
      [["A"], ["q10"], []],
      [["G", "T"], [], ["rs6040355"]],
      [[], [], []],
      [["G", "GTCT"], [], ["microsat1"]],
    ]);
  });

  it("lists only the samples that differ from the base text or keep a value", async () => {
    const { records } = await collect(
      vcf(
        [
          "1 1 . A C . . . GT 0|0 0|1 0|0 ./.",
          "1 2 . A C . . . GT:DP 0|0 0|0:7 0|0:. 0|0:0",
          "1 3 . A C . . . GT 1|1 0/1 . 1|0",
        ],
        {
          samples: 4,
        },
      ),
      { scanner },
    );
    expect(records.map(({ base, listed }) => [base, listed])).toEqual([
      ["0|0", { 1: { gt: "0|1" }, 3: { gt: "./." } }],
      ["0|0", { 1: { gt: "0|0", dp: 7 }, 3: { gt: "0|0", dp: 0 } }],
      [null, { 0: { gt: "1|1" }, 1: { gt: "0/1" }, 2: { gt: "." }, 3: { gt: "1|0" } }],
    ]);
  });

  it("reads haploid males beside diploid females", async () => {
    const { records } = await collect(vcf(["X 5 . A C . . . GT 0 0|1 1 0|0 ."], { samples: 5 }), { scanner });
    expect(records[0]).toMatchObject({ base: "0" });
    expect(records[0]?.listed).toEqual({ 1: { gt: "0|1" }, 2: { gt: "1" }, 3: { gt: "0|0" }, 4: { gt: "." } });
  });

  it("keeps depths, qualities, phase sets and filters of samples as they stand, missing ones apart", async () => {
    const { records } = await collect(
      vcf(["1 9 . A C,<NON_REF> . . END=20 GT:AD:DP:GQ:MIN_DP:PS:FT:XX 0/1:3,4,0:7:99:5:9:q10;low:ab"], { samples: 1 }),
      { scanner },
    );
    expect(records[0]?.endPos).toBe(20);
    expect(records[0]?.listed[0]).toEqual({
      gt: "0/1",
      ad: [3, 4, 0],
      dp: 7,
      gq: 99,
      minDp: 5,
      ps: "9",
      ft: "q10;low",
    });
  });

  it("takes dropped, dotted and empty trailing fields as missing", async () => {
    const { records } = await collect(
      vcf(["1 1 . A C . . . GT:AD:DP:PS 0|1 0|1:.,3:4:. 0|1:1,2 0|1::5"], { samples: 4 }),
      { scanner },
    );
    expect(records[0]?.listed).toEqual({
      0: { gt: "0|1", ad: [-1, -1], dp: -1, ps: null },
      1: { gt: "0|1", ad: [-1, 3], dp: 4, ps: null },
      2: { gt: "0|1", ad: [1, 2], dp: -1, ps: null },
      3: { gt: "0|1", ad: [-1, -1], dp: 5, ps: null },
    });
  });

  it("leaves out depths that do not go with the alleles", async () => {
    const meta = ['##FORMAT=<ID=AD,Number=1,Type=Integer,Description="of the alternate">'];
    const { records } = await collect(vcf(["1 1 . A C . . . GT:AD 0/1:8"], { samples: 1, meta, version: "4.1" }), {
      scanner,
    });
    expect(records[0]?.listed[0]).toEqual({ gt: "0/1", ad: [-1, -1] });
  });

  it("reads bases in upper case, symbolic alleles and breakends as written", async () => {
    const { records } = await collect(vcf(["1 1 a;b acg a,ACn,<del:me>,*,A[chrx:5[,.T inf a;b DB"]), { scanner });
    expect(records[0]).toMatchObject({
      ids: ["a", "b"],
      ref: "ACG",
      alts: ["A", "ACN", "<del:me>", "*", "A[chrx:5[", ".T"],
      qual: null,
      filters: ["a", "b"],
      info: "DB",
      base: null,
      listed: {},
    });
  });

  it("takes the end of a record where it is one number, and none from a list, which a header may allow", async () => {
    const meta = ['##INFO=<ID=END,Number=.,Type=Integer,Description="Ends">'];
    const ends = ["END=20", "END=20,30", "END=20,.", "END=.", "DP=1"];
    const lines = ends.map((info, at) => `1 ${String(at + 1)} . A <DEL> . . ${info}`);
    const { records, summary } = await collect(vcf(lines, { meta }), { scanner });
    expect(summary.rejected).toBe(0);
    expect(records.map(({ endPos }) => endPos)).toEqual([20, null, null, null, null]);
  });

  it("counts lines in the text as it is, with empty lines between and without a last line break", async () => {
    const text = vcf(["1 5 . A C . . .", "", "1 6 . A C . . ."]).trimEnd().replaceAll("\n", "\r\n");
    const { records, summary } = await collect(text, { scanner });
    expect(records.map(({ line }) => line)).toEqual([3, 5]);
    expect(summary.recordsRead).toBe(2);
  });

  it("reads a genotype without alternates, of many alleles, and of three copies", async () => {
    const alternates = Array.from({ length: 12 }, (_, index) => `${"A".repeat(index + 2)}`).join(",");
    const { records } = await collect(
      vcf([`1 1 . A . . . . GT 0/0 ./.`, `1 2 . A ${alternates} . . . GT 11/12 0/0/1`], { samples: 2 }),
      {
        scanner,
      },
    );
    expect(records.map(({ listed }) => listed)).toEqual([
      { 1: { gt: "./." } },
      { 0: { gt: "11/12" }, 1: { gt: "0/0/1" } },
    ]);
  });
});
