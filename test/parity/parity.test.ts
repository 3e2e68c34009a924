import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { STACK_TIMEOUT_MS } from "../helpers/stack.js";
import { INPUTS } from "./inputs.js";
import { runInput } from "./outcomes.js";
import { onBoth, startProfiles, type Profile, type Profiles } from "./profiles.js";
import { QUESTIONS, type Question } from "./questions.js";
import { differencesOf } from "./tables.js";

const JOB_TIMEOUT_MS = 300_000;

/** `make parity` compares all there is, `make test` some of each kind, and says what it skipped. */
const isWhole = process.env["VITALOME_LONG_TESTS"] === "1";
const itWhole = isWhole ? it : it.skip;
const SOME_INPUTS = [
  "a cohort with its sheet",
  "files that are refused, records that break rules, intervals of a gVCF, as one job",
  "clinical statements",
  "people",
];
const SOME_QUESTIONS = [
  "the service",
  "call sets",
  "variants: everything",
  "variants: a region",
  "variants: bounds on QUAL",
  "variants: a frequency of women",
  "variants: carriers",
  "variants: pathogenic",
  "variants: and, or, not",
  "variants by QUAL_DESC: everything",
  "people: everybody",
  "people: a value of a day",
  "people: carriers of a variant",
  "lookups",
];
const inputs = isWhole ? Object.entries(INPUTS) : SOME_INPUTS.map((name) => [name, named(INPUTS[name], name)] as const);
const questions = isWhole
  ? QUESTIONS
  : SOME_QUESTIONS.map((wanted) =>
      named(
        QUESTIONS.find(({ name }) => name === wanted),
        wanted,
      ),
    );

function named<T>(found: T | undefined, name: string): T {
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

let profiles: Profiles;

beforeAll(async () => {
  profiles = await startProfiles();
}, STACK_TIMEOUT_MS);
afterAll(async () => {
  await profiles.close();
}, 120_000);

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

async function ask({ service }: Profile, document: string, variables: object): Promise<Answer> {
  const response = await fetch(service.url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${service.token}` },
    body: JSON.stringify({ query: document, variables }),
  });
  const { data, errors } = (await response.json()) as Answer;
  return {
    data,
    ...(errors === undefined
      ? {}
      : { errors: errors.map(({ message, extensions: { code } }) => ({ message, extensions: { code } })) }),
  };
}

/** Every page of an answer; cursors are followed, and are each service's own. */
async function pagesOf(profile: Profile, { document, variables }: Question): Promise<readonly Answer[]> {
  const pages: Answer[] = [];
  for (let after: string | null = null; pages.length < 30;) {
    // Facets are of the whole list: the first page has them.
    const page = await ask(profile, document, { ...variables, ...(after === null ? {} : { after, facets: [] }) });
    const { text, end } = withoutCursors(page);
    pages.push(text);
    if (end === null) return pages;
    after = end;
  }
  throw new Error("the pages do not end");
}

function withoutCursors(page: Answer): { readonly text: Answer; readonly end: string | null } {
  let end: string | null = null;
  const text = JSON.parse(
    JSON.stringify(page, (key, value: unknown) => {
      if (key === "pageInfo" && (value as { hasNextPage: boolean }).hasNextPage)
        end = (value as { endCursor: string | null }).endCursor ?? null;
      return key === "endCursor" ? undefined : value;
    }),
  ) as Answer;
  return { text, end };
}

describe("both profiles, one input after the other", () => {
  it.each(inputs)(
    "end %s with the same ledgers and the same quarantine",
    async (name, input) => {
      const [embedded, cluster] = await onBoth(profiles, (profile) => runInput(profile, name, input));
      expect(cluster).toEqual(embedded);
    },
    JOB_TIMEOUT_MS,
  );

  itWhole(
    "join variants with knowledge alike",
    async () => {
      for (const { service } of profiles.all) {
        const { submitBatchJob: job } = await service.query<{ submitBatchJob: { id: string } }>(
          'mutation { submitBatchJob(input: { kind: "annotate-variants", idempotencyKey: "join" }) { id } }',
        );
        for (let state = ""; state !== "COMPLETE"; await new Promise((resolve) => setTimeout(resolve, 200))) {
          ({ state } = (
            await service.query<{ job: { state: string } }>("query J($id: ID!) { job(id: $id) { state } }", job)
          ).job);
          expect(["QUEUED", "RUNNING", "COMPLETE"]).toContain(state);
        }
      }
    },
    JOB_TIMEOUT_MS,
  );

  it(
    "hold the same rows in every table",
    async () => {
      expect(await differencesOf(profiles.all)).toEqual([]);
    },
    JOB_TIMEOUT_MS,
  );

  it.each(questions.map((question) => [question.name, question] as const))(
    "answer alike: %s",
    async (_name, question) => {
      const [embedded, cluster] = await onBoth(profiles, (profile) => pagesOf(profile, question));
      expect(JSON.stringify(embedded)).not.toContain('"errors"');
      expect(cluster).toEqual(embedded);
    },
    JOB_TIMEOUT_MS,
  );

  itWhole(
    "take back a call set, and a run, alike; a page pinned before still answers",
    async () => {
      const document =
        "query All($after: Cursor) { variants(filter: {}, first: 3, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }";
      const first = await onBoth(profiles, async (profile) => {
        const { data } = await ask(profile, document, {});
        return (data as { variants: { pageInfo: { endCursor: string } } }).variants.pageInfo.endCursor;
      });
      const before = await onBoth(profiles, (profile) => pagesOf(profile, { name: "", document, variables: {} }));
      const undone = await onBoth(profiles, async ({ service }) => {
        const { callSets } = await service.query<{ callSets: { id: string; name: string }[] }>(
          "{ callSets { id name } }",
        );
        const id = callSets.find(({ name }) => name === "old")?.id ?? "";
        const { removeCallSet: job } = await service.query<{ removeCallSet: { id: string } }>(
          'mutation R($id: ID!) { removeCallSet(id: $id, reason: "another build") { id } }',
          { id },
        );
        for (let state = ""; state !== "COMPLETE"; await new Promise((resolve) => setTimeout(resolve, 200))) {
          ({ state } = (
            await service.query<{ job: { state: string } }>("query J($id: ID!) { job(id: $id) { state } }", job)
          ).job);
          expect(["QUEUED", "RUNNING", "COMPLETE"]).toContain(state);
        }
        const { jobs } = await service.query<{ jobs: { nodes: { id: string; parameters: { uris?: string[] } }[] } }>(
          '{ jobs(kind: "ingest-clinical") { nodes { id parameters } } }',
        );
        return (await service.cli("jobs", "revert", jobs.nodes[0]?.id ?? "", "--reason", "too early")).code;
      });
      expect(undone).toEqual([0, 0]);
      const people = "{ patients { nodes { id birthDate } } }";
      const [embedded, cluster] = await onBoth(profiles, async (profile) => [
        await pagesOf(profile, { name: "", document, variables: {} }),
        await pagesOf(profile, { name: "", document: people, variables: {} }),
      ]);
      expect(cluster).toEqual(embedded);
      expect(JSON.stringify(cluster)).not.toContain("GRCh37");
      expect(JSON.stringify(cluster)).toContain('"1990"');
      const pinned = await onBoth(profiles, (profile) =>
        pagesOf(profile, { name: "", document, variables: { after: first[profiles.all.indexOf(profile)] } }),
      );
      expect(pinned[1]).toEqual(pinned[0]);
      expect(pinned).toEqual([before[0].slice(1), before[1].slice(1)]);
    },
    JOB_TIMEOUT_MS,
  );
});
