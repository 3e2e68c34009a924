import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { environment } from "../config.js";
import { createClient, exitOf, findEndpoint, type ConnectionOptions } from "./client.js";
import { EXIT, failure, print } from "./output.js";

export function addConnection(command: Command): Command {
  return command
    .option("--url <url>", "address of the service (VITALOME_URL)")
    .option("--token <token>", "bearer token (VITALOME_TOKEN)")
    .option("--data <folder>", "data folder of a service on this machine, instead of both");
}

export function addQuery(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addConnection(program.command("query"))
    .description("Send one GraphQL document and print the answer as JSON.")
    .argument("<document>", "GraphQL text; @file reads a file, - reads standard input")
    .option("--variables <json>", "variables as a JSON object")
    .option("--output <mode>", "json (the only one)")
    .addHelpText(
      "after",
      `
Ends with 1 when the answer holds errors, with 4 when the token is refused or the service is out of reach.

Examples:
  vitalome query '{ serviceInfo { snapshotId } }'
  vitalome query '{ variant(id: {id: "chr10-94781859-G-A", assemblyId: GRCh38}) { variant { frequencies { focusAlleleCount locusAlleleCount } } } }'
  vitalome query @question.graphql --variables '{"first": 10}'`,
    )
    .action(async (document: string, options: ConnectionOptions & { readonly variables?: string }) => {
      const variables = parseVariables(options.variables);
      const text = await textOf(document);
      const answer = await createClient(await findEndpoint(options, environment()), signal).query(text, variables);
      print(JSON.stringify(answer));
      const [fault] = answer.errors ?? [];
      const isRefused = fault !== undefined && exitOf(fault) === EXIT.unreachable;
      end(fault === undefined ? EXIT.ok : isRefused ? EXIT.unreachable : EXIT.failed);
    });
}

async function textOf(document: string): Promise<string> {
  if (document === "-") {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString("utf8");
  }
  if (!document.startsWith("@")) return document;
  return readFile(document.slice(1), "utf8").catch(() => {
    throw failure(EXIT.usage, `cannot read ${document.slice(1)}`);
  });
}

function parseVariables(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Falls through to the same sentence.
  }
  throw failure(EXIT.usage, "--variables: expected a JSON object");
}
