import type { Command } from "commander";
import { environment, readSettings } from "../config.js";
import { EXIT, outputMode, print, say } from "./output.js";

interface UpOptions {
  readonly data?: string;
  readonly port?: string;
  readonly host?: string;
  readonly profile?: string;
  readonly output?: string;
  readonly logLevel?: string;
}

/** Starts the service and serves until a signal stops it. */
export function addUp(program: Command, end: (code: number) => void): void {
  program
    .command("up")
    .description("Start the service on one machine: everything in one folder, nothing but Node.")
    .option("--data <folder>", "folder that holds everything (default .vitalome)")
    .option("--port <number>", "port to listen on; 0 takes a free one (default 4000)")
    .option("--host <address>", "address to listen on (default 127.0.0.1)")
    .option("--profile <name>", "embedded; cluster is not part of this release")
    .option("--no-demo", "start with what the folder holds (this release ships no demo data)")
    .option("--log-level <level>", "debug, info, warn, error or silent")
    .option("--output <mode>", "json prints one line with url and token once ready")
    .addHelpText(
      "after",
      `
Prints the address and a token that sees everything. SIGTERM or Ctrl-C stops it cleanly;
a second start on the same folder goes on where the first ended.

Examples:
  vitalome up
  vitalome up --data /srv/vitalome --port 8080
  vitalome up --data ./try --port 0 --no-demo --output json`,
    )
    .action(async (options: UpOptions) => {
      const mode = options.output === undefined ? "text" : outputMode(options.output);
      const settings = readSettings(environment(), {
        dataDirectory: options.data,
        port: options.port,
        host: options.host,
        profile: options.profile,
        logLevel: options.logLevel,
      });
      const { startApp } = await import("../app.js");
      const starting = startApp(settings);
      let stopping = false;
      // A signal during the start lets it finish first, so that it closes cleanly too.
      const stop = (): void => {
        if (stopping) return;
        stopping = true;
        starting
          .then((app) => app.close())
          .then(
            () => {
              end(EXIT.ok);
            },
            () => {
              end(EXIT.failed);
            },
          );
      };
      process.on("SIGTERM", stop);
      process.on("SIGINT", stop);
      const app = await starting;
      if (mode === "json") print(JSON.stringify({ url: app.url, token: app.token }));
      else {
        print(`Vitalome is ready at ${app.url}`);
        print(`Data folder: ${settings.dataDirectory}`);
        print("");
        print("Try, in another terminal:");
        print(`  export VITALOME_URL=${app.url} VITALOME_TOKEN=${app.token}`);
        print("  bin/vitalome ingest your.vcf.gz --assembly GRCh38");
        print("  bin/vitalome query '{ callSets { name build samples sites } }'");
        say("Research and decision support only: not a medical device. Ctrl-C stops the service.");
      }
    });
}
