import { Arg, FieldResolver, ID, Resolver, Root, Subscription } from "type-graphql";
import type { RequestContext } from "../context.js";
import type { DatasetPublished } from "../domain/events/dataset.js";
import { DatasetEvent, DatasetPublication, JobEvent, type TableRows } from "../schema/live.js";
import { CursorScalar } from "../schema/scalars.js";

const NULLABLE = { nullable: true } as const;
const AFTER = {
  ...NULLABLE,
  description:
    "Cursor of the last event that was taken. Without it the stream starts now, and tells its cursor at once.",
};

interface JobUpdateArgs {
  readonly id?: string | null;
  readonly kind?: string | null;
  readonly after?: string | null;
}

@Resolver()
export class LiveResolver {
  @Subscription(() => JobEvent, {
    description: "Every transition of every job, in order per job, each once; a heartbeat when nothing happens.",
    subscribe: ({ args, context }) => {
      const { id, kind, after } = args as JobUpdateArgs;
      return (context as RequestContext).jobs.watchUpdates(
        { id: id ?? null, kind: kind ?? null },
        after ?? null,
      ) as never;
    },
  })
  jobUpdates(
    @Root() event: JobEvent,
    @Arg("id", () => ID, { ...NULLABLE, description: "Only this job." }) _id: string | null,
    @Arg("kind", () => String, { ...NULLABLE, description: "Only jobs of this kind." }) _kind: string | null,
    @Arg("after", () => CursorScalar, AFTER) _after: string | null,
  ): JobEvent {
    return event;
  }

  @Subscription(() => DatasetEvent, {
    description: "Every snapshot that is published, in order, each once; a heartbeat when nothing happens.",
    subscribe: ({ args, context }) => {
      const { kind, after } = args as JobUpdateArgs;
      return (context as RequestContext).datasets.watchPublished(kind ?? null, after ?? null) as never;
    },
  })
  datasetPublished(
    @Root() event: DatasetEvent,
    @Arg("kind", () => String, { ...NULLABLE, description: "Only what jobs of this kind published." })
    _kind: string | null,
    @Arg("after", () => CursorScalar, AFTER) _after: string | null,
  ): DatasetEvent {
    return event;
  }
}

@Resolver(() => DatasetPublication)
export class DatasetPublicationResolver {
  @FieldResolver()
  snapshotId(@Root() published: DatasetPublished): string {
    return String(published.id);
  }

  @FieldResolver()
  tables(@Root() published: DatasetPublished): readonly TableRows[] {
    return Object.entries(published.tables)
      .map(([table, rows]) => ({ table, rows }))
      .sort((left, right) => (left.table < right.table ? -1 : 1));
  }
}
