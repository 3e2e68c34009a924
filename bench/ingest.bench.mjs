import { compare, shell } from "./frame.mjs";
import { slices, startService } from "./service.mjs";

/** Text to sorted, indexed tables with recounted frequencies, against bcftools doing its nearest equivalent. */
export default async function run() {
  const files = slices();
  if (files === null || shell("bcftools", ["--version"]) === null) {
    console.log("ingest: skipped (needs the public slices and bcftools)");
    return;
  }
  const service = await startService();
  let turn = 0;
  await compare(
    "Ingest of 18 GRCh38 slices (23,423 records, 3,202 samples)",
    [
      {
        name: "bcftools norm -m- | +fill-tags -Ob",
        run: () =>
          files.reduce((records, file) => {
            const out = shell("bash", [
              "-c",
              'bcftools norm -m- -Ou "$1" 2>/dev/null | bcftools +fill-tags -Ob -o /tmp/vitalome-bench.bcf - 2>/dev/null; bcftools view -H -G /tmp/vitalome-bench.bcf | wc -l',
              "_",
              file,
            ]);
            return records + Number(out);
          }, 0),
      },
      {
        name: "vitalome ingest",
        run: async () => {
          turn += 1;
          const lines = await service.cli([
            "ingest",
            ...files,
            "--assembly",
            "GRCh38",
            "--call-set",
            `turn ${turn}`,
            "--output",
            "json",
          ]);
          return lines
            .trim()
            .split("\n")
            .reduce((records, line) => records + JSON.parse(line).alleles.accepted, 0);
        },
      },
    ],
    5,
  );
  await service.stop();
}
