import { Command, CommanderError } from "commander";
import { EXIT, explain, say } from "./output.js";

type AddVerb = (program: Command, end: (code: number) => void, signal: AbortSignal) => void;

/** In the order of the help. A verb loads what it needs and no other does: most of a short one's time is loading. */
const VERBS: Readonly<Record<string, () => Promise<AddVerb>>> = {
  up: async () => (await import("./up.js")).addUp,
  demo: async () => (await import("./demo.js")).addDemo,
  fetch: async () => (await import("./fetch.js")).addFetch,
  ingest: async () => (await import("./ingest.js")).addIngest,
  "ingest-annotations": async () => (await import("./ingest-annotations.js")).addIngestAnnotations,
  "ingest-clinical": async () => (await import("./ingest-clinical.js")).addIngestClinical,
  observe: async () => (await import("./observe.js")).addObserve,
  query: async () => (await import("./query.js")).addQuery,
  export: async () => (await import("./export.js")).addExport,
  jobs: async () => (await import("./jobs.js")).addJobs,
  "clean-up": async () => (await import("./clean-up.js")).addCleanUp,
  "compact-log": async () => (await import("./compact-log.js")).addCompactLog,
  watch: async () => (await import("./watch.js")).addWatch,
  alerts: async () => (await import("./alerts.js")).addAlerts,
  replay: async () => (await import("./replay.js")).addReplay,
  simulate: async () => (await import("./simulate.js")).addSimulate,
  stack: async () => (await import("./stack.js")).addStack,
  token: async () => (await import("./token.js")).addToken,
  doctor: async () => (await import("./doctor.js")).addDoctor,
};

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
  const named = Object.hasOwn(VERBS, argv[0] ?? "") ? VERBS[argv[0] ?? ""] : undefined;
  const wanted = named === undefined ? Object.values(VERBS) : [named];
  for (const add of await Promise.all(wanted.map((load) => load()))) add(program, stop, interrupted.signal);
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
