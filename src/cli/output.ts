import { isVitalomeError, messageOf } from "../errors.js";

/** What a verb ends with. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  quarantined: 3,
  unreachable: 4,
  conflict: 5,
  config: 78,
  interrupted: 130,
} as const;

/** A verb's way to end early with a code and a sentence. */
export interface CliFailure {
  readonly kind: "cli-failure";
  readonly code: number;
  readonly message: string;
}

export function failure(code: number, message: string): CliFailure {
  return { kind: "cli-failure", code, message };
}

export function isCliFailure(thrown: unknown): thrown is CliFailure {
  return typeof thrown === "object" && thrown !== null && (thrown as { kind?: unknown }).kind === "cli-failure";
}

/** Data goes to stdout, talk to stderr. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export type OutputMode = "json" | "text";

/** NDJSON in a pipe, text on a terminal, unless told. */
export function outputMode(stated: string | undefined): OutputMode {
  if (stated === undefined) return process.stdout.isTTY ? "text" : "json";
  if (stated === "json" || stated === "ndjson") return "json";
  if (stated === "text" || stated === "table") return "text";
  throw failure(EXIT.usage, `--output: expected json or text, found ${stated}`);
}

/** One line that is written over on a terminal; a plain line now and then elsewhere. */
export function createProgress(intervalMs = 5_000): { show(text: string): void; end(): void } {
  const isTerminal = process.stderr.isTTY;
  let saidAt = performance.now();
  let width = 0;
  return {
    show(text) {
      if (isTerminal) {
        process.stderr.write(`\r${text.padEnd(width)}`);
        width = text.length;
      } else if (performance.now() - saidAt >= intervalMs) {
        say(text);
        saidAt = performance.now();
      }
    },
    end() {
      if (isTerminal && width > 0) process.stderr.write(`\r${" ".repeat(width)}\r`);
      width = 0;
    },
  };
}

/** The sentence and the code for anything thrown. */
export function explain(thrown: unknown): { readonly code: number; readonly message: string } {
  if (isCliFailure(thrown)) return thrown;
  if (isVitalomeError(thrown)) {
    return {
      code: thrown.code === "CONFIG_INVALID" ? EXIT.config : EXIT.failed,
      message: `${thrown.code}: ${thrown.message}`,
    };
  }
  return { code: EXIT.failed, message: messageOf(thrown) };
}
