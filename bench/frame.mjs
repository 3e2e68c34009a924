import { spawnSync } from "node:child_process";
import { cpus, loadavg } from "node:os";

/** One way of doing the work: `run` does it once and answers a content value that all ways must share. */
// { name: string, run: () => Promise<unknown> | unknown }

const median = (numbers) => [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)];

/**
 * Runs the ways interleaved, `rounds` times each, checks that their content is equal, and prints one row per way:
 * minimum and median in milliseconds, and the ratio of medians to the first way, which is the peer.
 */
export async function compare(title, ways, rounds = 5) {
  const times = new Map(ways.map((way) => [way.name, []]));
  const contents = new Map();
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ways) {
      const began = performance.now();
      const content = await way.run();
      times.get(way.name).push(performance.now() - began);
      contents.set(way.name, JSON.stringify(content));
    }
  }
  const distinct = new Set(contents.values());
  const [peer] = ways;
  const peerMedian = median(times.get(peer.name));
  console.log(`\n## ${title}\n`);
  console.log(
    `load ${loadavg()[0].toFixed(1)}, ${cpus().length} cores, ${rounds} rounds interleaved, content ${distinct.size === 1 ? "equal" : "DIFFERS"}\n`,
  );
  console.log("| way | min ms | median ms | ratio to peer |\n| --- | --: | --: | --: |");
  for (const way of ways) {
    const own = times.get(way.name);
    console.log(
      `| ${way.name} | ${Math.min(...own).toFixed(2)} | ${median(own).toFixed(2)} | ${(median(own) / peerMedian).toFixed(3)} |`,
    );
  }
  if (distinct.size !== 1) {
    for (const [name, content] of contents) console.log(`  ${name}: ${content.slice(0, 200)}`);
    process.exitCode = 1;
  }
}

/** A peer program's output, or null where it is not installed. */
export function shell(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 30, ...options });
  if (result.error?.code === "ENOENT") return null;
  if (result.status !== 0) throw new Error(`${command} ended with ${result.status}: ${result.stderr}`);
  return result.stdout;
}
