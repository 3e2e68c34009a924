import { runCli } from "./cli/index.js";

/** The process entry: the only file that ends the process. */
process.exit(await runCli(process.argv.slice(2)));
