import { describe, expect, it } from "@jest/globals";
import type { LoggedEvent } from "../../../src/backend/index.js";
import { TOPICS } from "../../../src/backend/topics.js";
import type { TopicName } from "../../../src/domain/events/index.js";
import { parseDatasetPublished } from "../../../src/ingest/streams/dataset.js";
import { foldJob, parseJobChanged, parseJobCommand } from "../../../src/ingest/streams/job.js";
import { buildJob } from "../../helpers/live-log.js";

function buildEvent(value: unknown, topic: TopicName = "job.changed.v1"): LoggedEvent {
  return { kind: "event", topic, partition: 2, offset: 41n, key: "k", at: 0, value };
}

/** Fails to compile when a topic has a partition count and no envelope, or an envelope and no count. */
const COUNTS: Readonly<Record<TopicName, number>> = TOPICS;
const NAMES: Readonly<Record<keyof typeof TOPICS, TopicName>> = Object.fromEntries(
  Object.keys(TOPICS).map((name) => [name, name]),
) as Record<TopicName, TopicName>;

describe("a topic", () => {
  it("has an envelope and a partition count, and its version in its name", () => {
    for (const name of Object.values(NAMES)) {
      expect(name).toMatch(/^[a-z]+\.[a-z]+\.v[1-9]$/);
      expect(COUNTS[name]).toBeGreaterThanOrEqual(1);
    }
  });
});

describe("an event", () => {
  const job = buildJob();
  const submit = {
    schema: 1,
    command: "submit",
    id: "job-1",
    kind: "ingest-variants",
    parameters: { uris: ["raw:1"], nested: { deep: [null, 1] } },
    inputs: ["raw:1"],
    submittedBy: "somebody",
    idempotencyKey: "key",
    retryOf: null,
  };
  const cancel = { schema: 1, command: "cancel", id: "job-1", submittedBy: "somebody" };
  const published = { schema: 1, id: 3, jobId: null, kind: null, tables: { variants: 2 }, publishedAt: 5 };

  it("is read as it was written", () => {
    expect(parseJobChanged(buildEvent({ schema: 1, job })).job).toEqual(job);
    expect(parseJobCommand(buildEvent(submit))).toEqual(submit);
    expect(parseJobCommand(buildEvent(cancel))).toEqual(cancel);
    expect(parseDatasetPublished(buildEvent(published))).toEqual(published);
  });

  it("of a later release is refused as such, and says where it lies", () => {
    expect(() => parseJobChanged(buildEvent({ schema: 2, job: {} }))).toThrow(
      expect.objectContaining({
        code: "STORAGE_NEWER",
        message: "a later release wrote the event at job.changed.v1, partition 2, offset 41",
      }),
    );
  });

  it.each([
    ["null", null],
    ["text", "job"],
    ["a job without a state", { schema: 1, job: { ...job, state: undefined } }],
    ["a state that is none", { schema: 1, job: { ...job, state: "LOST" } }],
    ["a version that is none", { schema: 1, job: { ...job, version: 0 } }],
  ])("that is %s is damage, told without its content", (_what, value) => {
    expect(() => parseJobChanged(buildEvent(value))).toThrow(
      expect.objectContaining({ code: "STORAGE_CORRUPT", message: expect.stringContaining("offset 41") }),
    );
    expect(() => parseJobChanged(buildEvent({ schema: 1, job: { ...job, kind: 7, stage: "Jane Doe" } }))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("Jane") }),
    );
  });

  it("that repeats or is older changes no job", () => {
    const jobs = new Map([[job.id, buildJob({ version: 5, stage: "now" })]]);
    foldJob(jobs, { schema: 1, job: buildJob({ version: 5, stage: "again" }) });
    foldJob(jobs, { schema: 1, job: buildJob({ version: 4, stage: "before" }) });
    expect(jobs.get(job.id)?.stage).toBe("now");
    foldJob(jobs, { schema: 1, job: buildJob({ version: 6, stage: "next" }) });
    expect(jobs.get(job.id)?.stage).toBe("next");
  });
});
