import { runCli } from "./cli/index.js";

/** The process entry: the only file that ends the process. */
const code = await runCli(process.argv.slice(2));
if (code !== null) process.exit(code);
