import { Command, CommanderError } from "commander";
import { addDoctor } from "./doctor.js";
import { addIngest } from "./ingest.js";
import { addJobs } from "./jobs.js";
import { EXIT, explain, say } from "./output.js";
import { addQuery } from "./query.js";
import { addToken } from "./token.js";
import { addUp } from "./up.js";

/** Runs one verb. Null: the verb ended by itself and what is still open may finish. */
export async function runCli(argv: readonly string[]): Promise<number | null> {
  const interrupted = new AbortController();
  let stop: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    stop = resolve;
  });
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") stop(EXIT.ok);
  });
  const program = new Command("vitalome")
    .description("Genomes joined with live clinical data, served over GraphQL. Research and decision support only.")
    .exitOverride()
    .showHelpAfterError("(--help tells more)")
    .configureOutput({ outputError: (text, write) => write(text) });
  addUp(program, stop);
  addIngest(program, stop, interrupted.signal);
  addQuery(program, stop, interrupted.signal);
  addJobs(program, stop, interrupted.signal);
  addToken(program, stop);
  addDoctor(program, stop);
  for (const command of program.commands) command.exitOverride();
  if (argv[0] !== "up") {
    process.once("SIGINT", () => {
      interrupted.abort(new Error("interrupted"));
      stop(EXIT.interrupted);
    });
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { code, message } = explain(thrown);
    say(`vitalome: ${message}`);
    return code;
  }
  return ended;
}
