import { compare, shell } from "./frame.mjs";
import { slices, startService } from "./service.mjs";

const POINTS = 200;

/** A gene's region and points through GraphQL, against bcftools on the indexed file and the bare service answer. */
export default async function run() {
  const files = slices();
  if (files === null || shell("bcftools", ["--version"]) === null) {
    console.log("reads: skipped (needs the public slices and bcftools)");
    return;
  }
  const service = await startService();
  await service.cli(["ingest", ...files, "--assembly", "GRCh38", "--call-set", "1000G", "--output", "json"]);
  const cyp2c19 = files.find((file) => file.includes("CYP2C19"));
  await compare("Region 10:94781000-94791000, AF at least 0.01: keys of all matches", [
    {
      name: "bcftools view -r on the indexed file",
      run: () =>
        shell("bash", [
          "-c",
          "bcftools view -H -G -r chr10:94781000-94791000 -i 'AC/AN>=0.01' \"$1\" | cut -f1,2,4,5",
          "_",
          cyp2c19,
        ])
          .trim()
          .split("\n")
          .map((line) => line.split("\t").slice(1).join("-")),
    },
    {
      name: "vitalome variants",
      run: async () => {
        const { variants } = await service.query(
          `{ variants(filter: { regions: [{ referenceName: "10", start: 94781000, end: 94791000, assemblyId: GRCh38 }],
             cohortAlleleFrequency: { af: { gte: 0.01 } } }, first: 1000) { nodes { pos ref alt } } }`,
        );
        return variants.nodes.map(({ pos, ref, alt }) => `${pos}-${ref}-${alt}`);
      },
    },
  ]);
  const { variants } = await service.query(`{ variants(filter: {}, first: ${POINTS}) { nodes { id } } }`);
  const ids = variants.nodes.map(({ id }) => id);
  await compare(`${POINTS} points by id, one request each`, [
    {
      name: "serviceInfo (no data)",
      run: async () => {
        for (let index = 0; index < ids.length; index += 1) await service.query("{ serviceInfo { snapshotId } }");
        return ids.length;
      },
    },
    {
      name: "variant(id) with its frequency",
      run: async () => {
        let found = 0;
        for (const id of ids) {
          const { variant } = await service.query(
            "query One($id: String!) { variant(id: { id: $id }) { variant { id chrom pos ref alt frequencies { focusAlleleCount } } } }",
            { id },
          );
          if (variant.variant !== null) found += 1;
        }
        return found;
      },
    },
  ]);
  await service.stop();
}
