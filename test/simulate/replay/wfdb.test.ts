import { describe, expect, it } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parseWfdbHeader } from "../../../src/simulate/replay/wfdb-header.js";
import { readWfdbSamples, valueOf } from "../../../src/simulate/replay/wfdb-samples.js";
import { readNumerics } from "../../../src/simulate/replay/wfdb.js";
import { itShared, requireShared } from "../../helpers/shared.js";

const text = (lines: readonly string[]): string => `${lines.join("\n")}\n`;
const files =
  (contents: Readonly<Record<string, Uint8Array | string>>) =>
  (name: string): Promise<Uint8Array> => {
    const found = contents[name];
    return found === undefined
      ? Promise.reject(new Error(`${name} was not expected`))
      : Promise.resolve(Buffer.from(found));
  };

function sixteen(...samples: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * samples.length);
  samples.forEach((sample, index) => bytes.writeInt16LE(sample, 2 * index));
  return bytes;
}

const HEADER = text([
  "r 2 0.0166666666667/125 3 00:10:00",
  "r.dat 16 10/bpm 16 0 720 1443 0 HR",
  "r.dat 16 1/mmHg 16 0 -32768 -32528 0 NBP Sys",
]);
const DATA = sixteen(720, -32_768, 723, 118, 0, 122);

describe("numerics of a WFDB record", () => {
  it("are values in their units at equal times; what was not measured is counted as absent", async () => {
    expect(await readNumerics(HEADER, "r.hea", files({ "r.dat": DATA }))).toEqual({
      dataset: "wfdb",
      stay: "r",
      absent: 1,
      values: [
        { seconds: 0, column: "HR", value: 72 },
        { seconds: 60, column: "HR", value: 72.3 },
        { seconds: 60, column: "NBP Sys", value: 118 },
        { seconds: 120, column: "HR", value: 0 },
        { seconds: 120, column: "NBP Sys", value: 122 },
      ],
    });
  });

  it("of several parts follow each other, with a gap where nothing was recorded", async () => {
    const part = (name: string, sample: number): string =>
      text([`${name} 1 0.0166666666667 1`, `${name}.dat 16 10 16 0 ${String(sample)} ${String(sample)} 0 HR`]);
    const master = text(["m/4 1 0.0166666666667 4", "layout 0", "a 1", "~ 2", "b 1"]);
    const all = files({
      "a.hea": part("a", 700),
      "a.dat": sixteen(700),
      "b.hea": part("b", 800),
      "b.dat": sixteen(800),
    });
    expect((await readNumerics(master, "m.hea", all)).values).toEqual([
      { seconds: 0, column: "HR", value: 70 },
      { seconds: 180, column: "HR", value: 80 },
    ]);
  });

  it.each([
    ["a wrong sum", HEADER.replace("1443", "1444"), DATA, "r.dat: HR: its samples do not add up"],
    ["another first sample", HEADER.replace("0 720", "0 721"), DATA, "r.dat: HR: expected 721 first, found 720"],
    ["a file that ends too early", HEADER, DATA.subarray(0, 10), "r.dat: expected 3 frames of 2"],
    [
      "a format that is not read",
      HEADER.replace("16 10/bpm", "310 10/bpm"),
      DATA,
      "r.hea, line 2: expected format 16, 80, 212, found 310",
    ],
    [
      "a file elsewhere",
      HEADER.replaceAll("r.dat", "../r.dat"),
      DATA,
      "r.hea, line 2: expected a file beside the header",
    ],
    [
      "fewer signals than it says",
      HEADER.split("\n").slice(0, 2).join("\n"),
      DATA,
      "expected 2 lines behind the first, found 1",
    ],
    ["a waveform", HEADER.replace("0.0166666666667/125", "125"), DATA, "125 samples a second are a waveform"],
    ["nothing", "", DATA, "r.hea, line 1: expected a record line"],
  ])("with %s are refused by name", async (_what, header, data, message) => {
    await expect(readNumerics(header, "r.hea", files({ "r.dat": data }))).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      message: expect.stringContaining(message),
    });
  });
});

describe("samples of public records", () => {
  const read = async (path: string) => {
    const header = parseWfdbHeader(await readFile(path, "latin1"), basename(path));
    const samples = await readWfdbSamples(header, basename(path), (file) => readFile(join(dirname(path), file)));
    return { header, samples };
  };

  // First samples and sums are checked against the header while reading: each is an answer that was known before.
  itShared.each([
    "100",
    "041s/041s01",
    "041s/041s02",
    "3000003_0003",
    "p000878/3269321_0001",
    "p000878/3269321_0002",
    "s00001/s00001-2896-10-10-00-31n",
  ])("of %s begin and add up as their header says", async (name) => {
    const { header, samples } = await read(requireShared(`clinical/wfdb/${name}.hea`));
    expect(samples).toHaveLength(header.signals.length);
    for (const { checksum, initial } of header.signals) {
      expect(checksum).not.toBeNull();
      expect(initial).not.toBeNull();
    }
  });

  itShared("of MIT-BIH 100 are the millivolts that are known of it", async () => {
    const { header, samples } = await read(requireShared("clinical/wfdb/100.hea"));
    expect(samples.map(({ length }) => length)).toEqual([650_000, 650_000]);
    expect(header.signals.map((signal, index) => valueOf(signal, samples[index]![0]!))).toEqual([-0.145, -0.065]);
  });

  itShared("of a bedside monitor of MIMIC II are 1,936 minutes of ten signals", async () => {
    const path = requireShared("clinical/wfdb/s00001/s00001-2896-10-10-00-31n.hea");
    const { values, absent } = await readNumerics(await readFile(path, "latin1"), "n.hea", (file) =>
      readFile(join(dirname(path), file)),
    );
    expect(values.length + absent).toBe(19_360);
    expect(values.at(-1)?.seconds).toBe(1_935 * 60);
    const of = (column: string): number[] => values.filter((row) => row.column === column).map(({ value }) => value);
    expect(of("HR").slice(0, 3)).toEqual([0, 62.8, 57.8]);
    expect(of("NBPSys")).toHaveLength(1_936 - 1_784);
  });

  itShared("of a record whose parts are not there are refused by the name of the first", async () => {
    const path = requireShared("clinical/wfdb/p000878/p000878-2137-10-26-16-57.hea");
    // As numerics: its frequency alone would refuse it.
    const slow = (await readFile(path, "latin1")).replace(" 4 125 ", " 4 1 ");
    const beside = (file: string): Promise<Uint8Array> => readFile(join(dirname(path), file));
    await expect(readNumerics(slow, "p.hea", beside)).rejects.toMatchObject({
      code: "ENOENT",
      path: expect.stringContaining("3269321_0003"),
    });
  });
});
