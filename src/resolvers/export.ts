import { Arg, Ctx, ID, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../context.js";
import { EXPORT_COLUMNS } from "../domain/export.js";
import { Cost } from "../schema/cost.js";
import { ExportFormat } from "../schema/enums.js";
import { Job } from "../schema/job.js";
import { VariantFilter } from "../schema/variant-filter.js";
import { keyOf } from "./job.js";
import { snapshotOf } from "./snapshot-id.js";
import { predicateOf } from "./variant-predicate.js";

const NULLABLE = { nullable: true } as const;

@Resolver()
export class ExportResolver {
  @Mutation(() => Job, {
    description:
      "Writes every variant that matches a filter as one file, a row per allele and call set, in the order of `variants`. The job's exportUrl names the file once the job is complete.",
  })
  @Cost(10, [], ["filter"])
  async exportVariants(
    @Arg("filter", () => VariantFilter, { description: "What to match; an empty filter matches every variant." })
    filter: VariantFilter,
    @Arg("format", () => ExportFormat, { description: "Format of the file." }) format: ExportFormat,
    @Arg("idempotencyKey", () => String, {
      description:
        "Any text, 1 to 200 characters. The same key answers the same job; with other arguments it is refused.",
    })
    idempotencyKey: string,
    @Arg("fields", () => [String], {
      ...NULLABLE,
      description: `Columns and their order, of: ${EXPORT_COLUMNS.map(({ name }) => name).join(", ")}. All of them when left out. None with VCF_BGZ.`,
    })
    fields: string[] | null,
    @Arg("snapshotId", () => ID, { ...NULLABLE, description: "Snapshot to read; the newest when left out." })
    snapshotId: string | null,
    @Ctx() context: RequestContext,
  ): Promise<object> {
    return context.exports.submit({
      // Plain JSON, as it is kept with the job.
      filter: JSON.parse(JSON.stringify(filter)) as Record<string, unknown>,
      predicate: predicateOf(filter),
      format,
      fields: fields ?? null,
      snapshot: snapshotId == null ? null : snapshotOf(snapshotId),
      idempotencyKey: keyOf(idempotencyKey),
    });
  }
}
