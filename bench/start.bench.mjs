import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { compare } from "./frame.mjs";

const BIN = resolve(import.meta.dirname, "../bin/vitalome");
const ROUNDS = 5;
const QUESTION = `{ variant(id: { id: "chr10-94781859-G-A", assemblyId: GRCh38 }) {
  variant { frequencies { cohort focusAlleleCount locusAlleleCount } } } }`;
const BARE = `const { createServer } = require("node:http");
  const server = createServer((_, response) => response.end(process.argv[1]));
  server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ url: "http://127.0.0.1:" + server.address().port })));`;

/** A process that prints where it listens as one line of JSON. */
async function start(command, args) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  return { child, ...JSON.parse(text) };
}

async function ask({ url, token }) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: QUESTION }),
  });
  return (await response.json()).data;
}

/** From the command to the first answer, on a store that holds simulated people, beside a server that only echoes. */
export default async function run() {
  const root = mkdtempSync(join(tmpdir(), "vitalome-start-"));
  const up = (folder) => [BIN, ["up", "--data", folder, "--port", "0", "--people", "50", "--output", "json"]];
  const filled = await start(...up(join(root, "0")));
  const answer = await ask(filled);
  filled.child.kill("SIGTERM");
  await once(filled.child, "exit");
  // Each start has a folder of its own, so that none waits for the end of the one before.
  for (let round = 1; round <= ROUNDS; round += 1)
    cpSync(join(root, "0"), join(root, String(round)), { recursive: true });
  const started = [];
  let round = 0;
  const measured = async (command, args) => {
    const server = await start(command, args);
    started.push(server.child);
    return ask(server);
  };
  await compare(
    "From the command to the first answer",
    [
      {
        name: "node:http, the answer in memory",
        run: () => measured(process.execPath, ["-e", BARE, JSON.stringify({ data: answer })]),
      },
      { name: "vitalome up, a store with 50 people", run: () => measured(...up(join(root, String((round += 1))))) },
    ],
    ROUNDS,
  );
  for (const child of started) child.kill("SIGTERM");
  await Promise.all(started.map((child) => child.exitCode ?? once(child, "exit")));
  rmSync(root, { recursive: true, force: true });
}
