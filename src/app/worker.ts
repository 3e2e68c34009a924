import type { Clock } from "../clock.js";
import { messageOf } from "../errors.js";
import type { Log } from "../log.js";
import { startJobWorker, type JobWorker } from "../worker/job-worker.js";
import { createPublisher } from "../worker/publisher.js";
import type { Ground } from "./ground.js";

export interface WorkerOptions {
  readonly ground: Ground;
  readonly clock: Clock;
  readonly log: Log;
}

const ANNOUNCE_MS = 10_000;

/** Takes commands, runs jobs, publishes and announces. */
export async function startWorker({ ground, clock, log }: WorkerOptions): Promise<JobWorker> {
  const { files, snapshots, eventLog, runner, buildIndexes, sweeper } = ground;
  const publisher = createPublisher({ files, snapshots, eventLog, clock, buildIndexes });
  await publisher.announce();
  const announcing = setInterval(() => {
    publisher.announce().catch((thrown: unknown) => {
      log.error({ cause: messageOf(thrown) }, "announcing snapshots failed");
    });
  }, ANNOUNCE_MS);
  try {
    const store = { files, snapshots, publish: publisher.publish, sweeper };
    const worker = await startJobWorker({ log, clock, eventLog, runner, ...store });
    return {
      fault: worker.fault,
      displaced: worker.displaced,
      async close() {
        clearInterval(announcing);
        await worker.close();
      },
    };
  } catch (thrown) {
    clearInterval(announcing);
    throw thrown;
  }
}
