// A runner in a process of its own, which a test kills: submits one job and waits.
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const { dist, webhdfs, user, root, submit, spec } = JSON.parse(process.argv[2]);
const load = (name) => import(pathToFileURL(join(dist, name)).href);
const { createClusterFiles } = await load("backend/cluster/files.js");
const { createClusterJobRunner } = await load("backend/cluster/job-runner.js");
const { systemClock } = await load("clock.js");
const { silentLog } = await load("log.js");
const files = createClusterFiles({ webhdfs, user, root, clock: systemClock });
const runner = createClusterJobRunner({ files, clock: systemClock, log: silentLog, submit });
await runner.submit(spec);
process.stdout.write("submitted\n");
setInterval(() => undefined, 60_000);
