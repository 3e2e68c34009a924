import type { Service } from "../helpers/service.js";

/** How one question ended. */
export interface Asked {
  readonly question: string;
  readonly outcome: "answered" | "refused" | "hung" | "unreachable";
  readonly code: string | null;
  readonly canRetry: boolean | null;
  readonly message: string | null;
  readonly ms: number;
}

/** The index, a list, what only SQL can say, and the log. */
const QUESTIONS: Readonly<Record<string, string>> = {
  point: "{ callSets { name sites } }",
  list: "{ variants(filter: { qual: { gte: 50 } }, orderBy: QUAL_DESC, first: 3) { nodes { id } } }",
  facets:
    '{ variants(filter: {}, first: 1) { facets(by: [{ field: "type", size: 3 }]) { buckets { key count { value } } } } }',
  jobs: "{ jobs(first: 5) { nodes { id state } } }",
};
/** Longer than any deadline of the service: what takes longer hangs. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/** Asks each question again and again, beside each other, until the signal; answers how all of them ended. */
export async function askUntil(service: () => Service, signal: AbortSignal): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  await Promise.all(
    Object.entries(QUESTIONS).map(async ([question, document]) => {
      while (!signal.aborted) {
        asked.push(await askOnce(service(), question, document));
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }),
  );
  return asked;
}

async function askOnce({ url, token }: Service, question: string, document: string): Promise<Asked> {
  const from = Date.now();
  const ended = (outcome: Asked["outcome"], more: Partial<Asked> = {}): Asked => ({
    ...{ question, outcome, code: null, canRetry: null, message: null, ms: Date.now() - from },
    ...more,
  });
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: document }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = (await response.json()) as {
      errors?: readonly { message: string; extensions: { code: string; canRetry: boolean } }[];
    };
    const error = answer.errors?.[0];
    return error === undefined ? ended("answered") : ended("refused", { message: error.message, ...error.extensions });
  } catch (thrown) {
    return ended((thrown as Error).name === "TimeoutError" ? "hung" : "unreachable");
  }
}
