import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { compare, shell } from "./frame.mjs";
import { slices, startService } from "./service.mjs";

const TABLE = resolve(
  import.meta.dirname,
  "../../shared/data/annotations/clinvar/clinvar_20241215_P_LP_2star_GRCh38.tsv.gz",
);

/** What bcftools needs beside the slices, made once and outside the measured time: table, header lines, sites. */
function prepare(folder, files) {
  const table = join(folder, "clinvar.tsv.gz");
  shell("bash", [
    "-c",
    `set -eo pipefail; gzip -dc "$1" | tail -n +2 | awk -F'\\t' -v OFS='\\t' '{print "chr"$1,$2,$4,$5,$3,$6}' |
     LC_ALL=C sort -k1,1 -k2,2n | bgzip > "$2"; tabix -f -s1 -b2 -e2 "$2"
     printf '##INFO=<ID=CVID,Number=1,Type=String,Description="id">\\n##INFO=<ID=CVSIG,Number=1,Type=String,Description="class">\\n' > "$3"`,
    "_",
    TABLE,
    table,
    join(folder, "header.txt"),
  ]);
  // annotate-variants reads no genotypes, so the peer gets none either.
  const sites = files.map((file) => {
    const path = join(folder, basename(file).replace(".vcf.gz", ".sites.bcf"));
    shell("bcftools", ["view", "-G", "-Ob", "-o", path, file]);
    return path;
  });
  return { table, header: join(folder, "header.txt"), sites };
}

/** ClinVar by exact allele on every site of the slices, against bcftools on the same sites and table. */
export default async function run() {
  const files = slices();
  if (files === null || !existsSync(TABLE)) {
    console.log("annotate: skipped (needs the public slices and the ClinVar table)");
    return;
  }
  if (["bcftools", "bgzip", "tabix"].some((program) => shell(program, ["--version"]) === null)) {
    console.log("annotate: skipped (the peer is absent: needs bcftools, bgzip and tabix)");
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "vitalome-annotate-"));
  const { table, header, sites } = prepare(folder, files);
  const service = await startService();
  try {
    const ingested = ["--assembly", "GRCh38", "--output", "json"];
    await service.cli(["ingest", ...files, "--call-set", "1000G", ...ingested]);
    await service.cli(["ingest-annotations", TABLE, "--source", "clinvar", "--release", "2024-12-15", ...ingested]);
    let turn = 0;
    await compare(`ClinVar by exact allele on ${files.length} slices, written: statements that match`, [
      {
        name: "bcftools annotate -c CHROM,POS,REF,ALT,…",
        run: () =>
          Number(
            shell("bash", [
              "-c",
              `set -e; t=$1; h=$2; shift 2; for f; do
                 bcftools annotate -a "$t" -h "$h" -c CHROM,POS,REF,ALT,CVID,CVSIG -Ob -o "$f.out" "$f" 2>/dev/null
                 bcftools query -i 'CVID!="."' -f '%POS\\n' "$f.out"; done | wc -l`,
              "_",
              table,
              header,
              ...sites,
            ]),
          ),
      },
      {
        name: "vitalome annotate-variants, from command to snapshot",
        run: async () => {
          turn += 1;
          const { submitBatchJob } = await service.query(
            "mutation Run($input: BatchJobInput!) { submitBatchJob(input: $input) { id } }",
            { input: { kind: "annotate-variants", idempotencyKey: `turn ${turn}` } },
          );
          for (;;) {
            const { job } = await service.query("query Job($id: ID!) { job(id: $id) { state outputs { rows } } }", {
              id: submitBatchJob.id,
            });
            if (job.state === "COMPLETE") return job.outputs[0]?.rows ?? 0;
            if (job.state !== "RUNNING" && job.state !== "QUEUED") throw new Error(`the job ended as ${job.state}`);
            await new Promise((done) => setTimeout(done, 5));
          }
        },
      },
    ]);
    await compare("The same alleles and ids as an answer", [
      {
        name: "bcftools query on the annotated files",
        run: () =>
          shell("bash", [
            "-c",
            `for f; do bcftools query -i 'CVID!="."' -f '%POS-%REF-%ALT %CVID\\n' "$f.out"; done`,
            "_",
            ...sites,
          ])
            .trim()
            .split("\n")
            .sort(),
      },
      {
        name: "vitalome variants(filter: { clinicalSignificance })",
        run: async () => {
          const { variants } = await service.query(
            `{ variants(filter: { clinicalSignificance: ["P/LP"] }, first: 1000) {
               nodes { pos ref alt annotations { clinical { variationId } } } } }`,
          );
          return variants.nodes
            .map(({ pos, ref, alt, annotations }) => `${pos}-${ref}-${alt} ${annotations.clinical[0].variationId}`)
            .sort();
        },
      },
    ]);
  } finally {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
