import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { compare, shell } from "./frame.mjs";
import { slices, startService } from "./service.mjs";

const CLINVAR = resolve(import.meta.dirname, "../../shared/data/annotations/clinvar");
const TABLE = join(CLINVAR, "clinvar_20241215_P_LP_2star_GRCh38.tsv.gz");

/** The table as bcftools reads it: sorted, with chr, bgzipped and indexed; made once, outside the measured time. */
function forBcftools(folder) {
  const path = join(folder, "clinvar.tsv.gz");
  const ok = shell("bash", [
    "-c",
    `set -o pipefail; gzip -dc "$1" | tail -n +2 | awk -F'\\t' -v OFS='\\t' '{print "chr"$1,$2,$4,$5,$3,$6}' |
     sort -k1,1 -k2,2n | bgzip > "$2" && tabix -f -s1 -b2 -e2 "$2" && echo ok`,
    "_",
    TABLE,
    path,
  ]);
  return ok === null ? null : path;
}

/** ClinVar ids and classes by exact allele for every site of the slices; sites only, so that both read the same. */
export default async function run() {
  const files = slices();
  if (files === null || !existsSync(TABLE)) {
    console.log("annotate: skipped (needs the public slices and the ClinVar table)");
    return;
  }
  if (shell("bcftools", ["--version"]) === null || shell("tabix", ["--version"]) === null) {
    console.log("annotate: skipped (the peer is absent: needs bcftools, bgzip and tabix)");
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "vitalome-annotate-"));
  const table = forBcftools(folder);
  // The peer gets sites without genotypes, in one file: what annotate-variants reads has no genotypes either.
  const sites = join(folder, "sites.bcf");
  shell("bash", [
    "-c",
    'out=$1; shift; for f; do bcftools view -G -Ou "$f" -o "$out.$(basename "$f").bcf"; done; bcftools concat -Ob -o "$out" "$out".*.bcf 2>/dev/null',
    "_",
    sites,
    ...files,
  ]);
  const header = join(folder, "header.txt");
  shell("bash", [
    "-c",
    'printf "##INFO=<ID=CVID,Number=1,Type=String,Description=x>\\n##INFO=<ID=CVSIG,Number=1,Type=String,Description=x>\\n" > "$1"',
    "_",
    header,
  ]);

  const service = await startService();
  await service.cli(["ingest", ...files, "--assembly", "GRCh38", "--call-set", "1000G", "--output", "json"]);
  await service.cli([
    "ingest-annotations",
    TABLE,
    "--source",
    "clinvar",
    "--release",
    "2024-12-15",
    "--assembly",
    "GRCh38",
    "--output",
    "json",
  ]);
  let turn = 0;
  await compare(`ClinVar by exact allele on ${files.length} slices: how many alleles match`, [
    {
      name: "bcftools annotate -a table -c …,REF,ALT",
      run: () =>
        Number(
          shell("bash", [
            "-c",
            'bcftools annotate -a "$1" -h "$2" -c CHROM,POS,REF,ALT,CVID,CVSIG -Ob -o "$3.out" "$3" 2>/dev/null && bcftools view -H -i \'CVID!="."\' "$3.out" | wc -l',
            "_",
            table,
            header,
            sites,
          ]),
        ),
    },
    {
      name: "vitalome annotate-variants, from command to snapshot",
      run: async () => {
        turn += 1;
        const { submitBatchJob } = await service.query(
          'mutation Run($key: String!) { submitBatchJob(input: { kind: "annotate-variants", idempotencyKey: $key }) { id } }',
          { key: `turn ${turn}` },
        );
        for (;;) {
          const { job } = await service.query("query Job($id: ID!) { job(id: $id) { state outputs { rows } } }", {
            id: submitBatchJob.id,
          });
          if (job.state === "COMPLETE") return job.outputs[0]?.rows ?? 0;
          if (job.state !== "RUNNING" && job.state !== "QUEUED") throw new Error(job.state);
          await new Promise((done) => setTimeout(done, 5));
        }
      },
    },
  ]);
  // The same matches as a question, without the job.
  await compare("The same alleles and classes asked for through GraphQL", [
    {
      name: "bcftools view on the annotated file",
      run: () =>
        shell("bash", ["-c", 'bcftools query -i \'CVID!="."\' -f "%POS-%REF-%ALT %CVID\\n" "$1.out"', "_", sites])
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
  await service.stop();
  rmSync(folder, { recursive: true, force: true });
}
