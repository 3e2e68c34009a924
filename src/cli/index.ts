import { Command, CommanderError } from "commander";
import { addAlerts } from "./alerts.js";
import { addCleanUp } from "./clean-up.js";
import { addCompactLog } from "./compact-log.js";
import { addDemo } from "./demo.js";
import { addDoctor } from "./doctor.js";
import { addExport } from "./export.js";
import { addFetch } from "./fetch.js";
import { addIngest } from "./ingest.js";
import { addIngestAnnotations } from "./ingest-annotations.js";
import { addIngestClinical } from "./ingest-clinical.js";
import { addJobs } from "./jobs.js";
import { addObserve } from "./observe.js";
import { EXIT, explain, say } from "./output.js";
import { addQuery } from "./query.js";
import { addReplay } from "./replay.js";
import { addSimulate } from "./simulate.js";
import { addStack } from "./stack.js";
import { addToken } from "./token.js";
import { addUp } from "./up.js";
import { addWatch } from "./watch.js";

const INTERRUPT_GRACE_MS = 300;

/** Runs one verb to its end; answers the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  let stop: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    stop = resolve;
  });
  const isService = argv[0] === "up";
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // The reader has seen enough. A service goes on: its one line was read.
    if (error.code === "EPIPE" && !isService) stop(EXIT.ok);
  });
  const program = new Command("vitalome")
    .description("Genomes joined with live clinical data, served over GraphQL. Research and decision support only.")
    .exitOverride()
    .showHelpAfterError("(--help tells more)")
    .configureOutput({ outputError: (text, write) => write(text) });
  addUp(program, stop);
  addDemo(program, stop, interrupted.signal);
  addFetch(program, stop, interrupted.signal);
  addIngest(program, stop, interrupted.signal);
  addIngestAnnotations(program, stop, interrupted.signal);
  addIngestClinical(program, stop, interrupted.signal);
  addObserve(program, stop, interrupted.signal);
  addQuery(program, stop, interrupted.signal);
  addExport(program, stop, interrupted.signal);
  addJobs(program, stop, interrupted.signal);
  addCleanUp(program, stop, interrupted.signal);
  addCompactLog(program, stop, interrupted.signal);
  addWatch(program, stop, interrupted.signal);
  addAlerts(program, stop, interrupted.signal);
  addReplay(program, stop, interrupted.signal);
  addSimulate(program, stop, interrupted.signal);
  addStack(program, stop);
  addToken(program, stop);
  addDoctor(program, stop);
  for (const command of program.commands) command.exitOverride();
  if (!isService) {
    process.once("SIGINT", () => {
      interrupted.abort(new Error("interrupted"));
      // The verb may first say what goes on without it; one that waits for something else is not waited for.
      setTimeout(stop, INTERRUPT_GRACE_MS, EXIT.interrupted);
    });
  }
  try {
    // A verb may still wait, for standard input say, when it has been told to stop.
    await Promise.race([program.parseAsync([...argv], { from: "user" }), ended]);
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { code, message } = explain(thrown);
    say(`vitalome: ${message}`);
    return code;
  }
  return ended;
}
