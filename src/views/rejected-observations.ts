import type { EventLog, LoggedEvent } from "../backend/index.js";
import type { Clock } from "../clock.js";
import type { CursorSealer } from "../cursors.js";
import type { Caller } from "../domain/caller.js";
import type { ObservationRejected } from "../domain/events/observation.js";
import { OBSERVATIONS_REJECTED, parseRejected } from "../ingest/streams/observation.js";
import { policy } from "../policy.js";
import { readRange } from "./log-range.js";
import { checkFirst, openCursor, queryHash, type Page } from "./page.js";

export interface RejectionFilter {
  readonly source: string | null;
  readonly submissionId: string | null;
}

/** A rejection as its caller may see it: a record of a person only the owner. */
export type ShownRejection = Omit<ObservationRejected, "raw"> & { readonly raw: string | null };

export interface RejectedObservationsView {
  /**
   * The newest first. Neither repeats nor passes over any, whatever is rejected meanwhile. Where few of many match, a page may
   * be shorter than asked, or empty, and yet have a next.
   */
  list(filter: RejectionFilter, first: number, after: string | null): Promise<Page<ShownRejection>>;
}

export interface RejectedObservationsOptions {
  readonly caller: Caller;
  readonly eventLog: EventLog;
  readonly sealer: CursorSealer;
  readonly clock: Clock;
  /** Events one page looks through at most; default 20,000. */
  readonly mostRead?: number;
}

/** Events of one partition that are read at a time, at most. */
const STRETCH = 500;
const CURSOR_MS = 24 * 60 * 60 * 1000;

/** A partition that is read backwards. */
interface Backwards {
  readonly partition: number;
  readonly start: bigint;
  /** What matches of the last stretch, oldest first. */
  readonly found: LoggedEvent[];
  /** Everything at and above it was read. */
  low: bigint;
  /** Everything at and above it was given out, or does not match. */
  next: bigint;
}

export function createRejectedObservationsView(options: RejectedObservationsOptions): RejectedObservationsView {
  const { caller, eventLog, sealer, clock, mostRead = 20_000 } = options;

  return {
    async list(filter, first, after) {
      const { hash } = policy(caller, "observations");
      const scope = {
        kind: "rejectedObservations",
        tenant: caller.tenant,
        queryHash: queryHash(filter),
        policyHash: hash,
      };
      const limit = checkFirst(first);
      const cursor = openCursor(sealer, after, scope);
      const from = (cursor?.position as readonly string[] | undefined)?.map(BigInt);
      const partitions = (await eventLog.positions(OBSERVATIONS_REJECTED)).map(
        ({ partition, start, end }): Backwards => {
          const place = from?.[partition] ?? end;
          return { partition, start, found: [], low: place, next: place };
        },
      );
      const stretch = BigInt(Math.min(STRETCH, mostRead));
      let read = 0;

      /** Reads on until something matches; every partition at least once, so that a page comes further than the last. */
      async function fill(one: Backwards): Promise<void> {
        while (one.found.length === 0 && one.low > one.start && read < mostRead) {
          const low = one.low - stretch > one.start ? one.low - stretch : one.start;
          const range = { topic: OBSERVATIONS_REJECTED, partition: one.partition, from: low, to: one.low };
          for await (const event of readRange(eventLog, clock, range)) {
            read += 1;
            if (matches(parseRejected(event), filter)) one.found.push(event);
          }
          one.low = low;
          one.next = (one.found.at(-1)?.offset ?? low - 1n) + 1n;
        }
      }

      const seal = (): string => {
        const position = partitions.map(({ next }) => String(next));
        return sealer.seal({ ...scope, snapshot: 0, position, expiresAt: clock.now() + CURSOR_MS });
      };
      const edges: { readonly cursor: string; readonly node: ShownRejection }[] = [];
      for (;;) {
        await Promise.all(partitions.map(fill));
        const isCut = partitions.some(({ found, low, start }) => found.length === 0 && low > start);
        // Which is the newest is known only where every partition has one, or has no more.
        const newest = isCut ? undefined : newestOf(partitions);
        const event = edges.length < limit ? newest?.found.pop() : undefined;
        if (newest === undefined || event === undefined) {
          const endCursor = isCut ? seal() : (edges.at(-1)?.cursor ?? null);
          const pageInfo = {
            startCursor: edges[0]?.cursor ?? null,
            endCursor,
            hasNextPage: isCut || newest !== undefined,
            hasPreviousPage: cursor !== null,
            snapshotId: "0",
          };
          return { nodes: edges.map(({ node }) => node), edges, pageInfo };
        }
        newest.next = (newest.found.at(-1)?.offset ?? newest.low - 1n) + 1n;
        const node = parseRejected(event);
        edges.push({ node: caller.role === "owner" ? node : { ...node, raw: null }, cursor: seal() });
      }
    },
  };
}

function matches({ source, submission }: ObservationRejected, filter: RejectionFilter): boolean {
  return (filter.source ?? source) === source && (filter.submissionId ?? submission) === submission;
}

function newestOf(partitions: readonly Backwards[]): Backwards | undefined {
  let newest: Backwards | undefined;
  for (const one of partitions) {
    const [own, best] = [one.found.at(-1), newest?.found.at(-1)];
    if (own !== undefined && (best === undefined || own.at > best.at)) newest = one;
  }
  return newest;
}
