import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const BIN = resolve(import.meta.dirname, "../bin/vitalome");
const SHARED = resolve(import.meta.dirname, "../../shared/data/genomes");

/** The GRCh38 slices of the public panel, or null where they are absent. */
export function slices() {
  const folder = join(SHARED, "1kgp-grch38");
  if (!existsSync(folder)) return null;
  return readdirSync(folder)
    .filter((name) => name.endsWith(".vcf.gz"))
    .map((name) => join(folder, name));
}

/** A service in a folder of its own; `given` continues one, and the environment makes it one of the cluster. */
export async function startService(environment = {}, given = null) {
  const directory = given ?? mkdtempSync(join(tmpdir(), "vitalome-bench-"));
  const child = spawn(BIN, ["up", "--data", directory, "--port", "0", "--no-demo", "--output", "json"], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { url, token } = await new Promise((done) => {
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      if (text.includes("\n")) done(JSON.parse(text));
    });
  });
  return {
    url,
    token,
    directory,
    pid: child.pid,
    async query(query, variables = {}) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
      });
      const answer = await response.json();
      if (answer.errors) throw new Error(JSON.stringify(answer.errors));
      return answer.data;
    },
    cli: (args) =>
      new Promise((done) => {
        const run = spawn(BIN, args, {
          env: { ...process.env, VITALOME_URL: url, VITALOME_TOKEN: token },
          stdio: ["ignore", "pipe", "ignore"],
        });
        let text = "";
        run.stdout.on("data", (chunk) => (text += chunk));
        run.on("close", () => done(text));
      }),
    /** The folder goes too, unless it is to be continued. */
    async stop({ keep = false } = {}) {
      child.kill("SIGTERM");
      await new Promise((done) => child.once("exit", done));
      if (!keep) rmSync(directory, { recursive: true, force: true });
    },
  };
}
