import { z } from "zod";

/** A snapshot that can be read from now on; one key, so that snapshots keep their order. */
export interface DatasetPublished {
  readonly schema: 1;
  /** The snapshot's number, which is the event's id. */
  readonly id: number;
  readonly jobId: string | null;
  readonly kind: string | null;
  /** Rows of each table after publishing. */
  readonly tables: Readonly<Record<string, number>>;
  /** Milliseconds since the epoch. */
  readonly publishedAt: number;
}

export const datasetPublishedSchema: z.ZodType<DatasetPublished> = z.object({
  schema: z.literal(1),
  id: z.number().int().min(1),
  jobId: z.string().nullable(),
  kind: z.string().nullable(),
  tables: z.record(z.string(), z.number()),
  publishedAt: z.number().int(),
});
