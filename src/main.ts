import { runCli } from "./cli/index.js";

const code = await runCli(process.argv.slice(2));

/** A pipe may still hold lines: the process ends only when both streams have passed them on. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed) resolve();
    else
      stream.write("", () => {
        resolve();
      });
  });
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(code);
