export const DATASET_PUBLISHED = "dataset.published.v1";

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
