import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Files, JobRunner, JobSpec, RunStatus } from "../../../src/backend/index.js";

export interface JobRunnerUnderTest {
  readonly runner: JobRunner;
  /** A runner of a later process over the same store. */
  again(): JobRunner;
  readonly files: Files;
  /** A job that ends well within seconds. */
  short(id: string): JobSpec;
  /** A job that runs for many seconds unless it is cancelled. */
  long(id: string): JobSpec;
  close(): Promise<void>;
}

/** Every guarantee of `JobRunner`, for any back end. */
export function defineJobRunnerContract(name: string, create: () => Promise<JobRunnerUnderTest>): void {
  describe(`JobRunner: ${name}`, () => {
    let under: JobRunnerUnderTest;
    beforeAll(async () => {
      under = await create();
    }, 120_000);
    afterAll(() => under.close());

    async function ended(id: string): Promise<RunStatus> {
      for (;;) {
        const status = await under.runner.status(id);
        if (status.state !== "running") return status;
        await new Promise<void>((resolve) => setTimeout(resolve, 20));
      }
    }

    const result = async (id: string): Promise<unknown> => under.files.stat(`runs/${id}/result.json`);

    it("knows nothing of a job it was never given, and cancelling it is no error", async () => {
      expect(await under.runner.status("job-none")).toEqual({ state: "unknown" });
      await under.runner.cancel("job-none");
      expect(await under.runner.logs("job-none", 10)).toEqual([]);
    });

    it("runs a job to its result, which is the last thing it writes", async () => {
      await under.runner.submit(under.short("job-short"));
      expect(await ended("job-short")).toEqual({ state: "succeeded" });
      expect(await result("job-short")).not.toBeNull();
      expect((await under.runner.logs("job-short", 10)).length).toBeGreaterThan(0);
    });

    it("keeps the lines of a job for a runner that is started later", async () => {
      const said = await under.runner.logs("job-short", 10);
      await under.runner.submit(under.short("job-next"));
      await ended("job-next");
      const later = under.again();
      expect(await later.logs("job-short", 10)).toEqual(said);
      expect(await later.logs("job-short", 1)).toEqual(said.slice(-1));
      await later.close();
    });

    it("tells how far a running job is, and stops it on request without a result", async () => {
      await under.runner.submit(under.long("job-long"));
      expect(await under.runner.status("job-long")).toMatchObject({
        state: "running",
        heartbeatAt: expect.any(Number),
      });
      await under.runner.cancel("job-long");
      expect(await under.runner.status("job-long")).toEqual({ state: "canceled" });
      expect(await result("job-long")).toBeNull();
    });

    it("says why a job failed, with a code of ours", async () => {
      await under.runner.submit({ ...under.short("job-wrong"), kind: "no-such-job" });
      expect(await ended("job-wrong")).toMatchObject({ state: "failed", code: "BAD_USER_INPUT" });
      expect(await result("job-wrong")).toBeNull();
    });

    it("runs a job again under the same id after it failed", async () => {
      await under.runner.submit(under.short("job-wrong"));
      expect(await ended("job-wrong")).toEqual({ state: "succeeded" });
    });

    it("stops what runs when it is closed", async () => {
      await under.runner.submit(under.long("job-last"));
      await under.runner.close();
      expect(await under.runner.status("job-last")).toEqual({ state: "canceled" });
      expect(await result("job-last")).toBeNull();
    });
  });
}
