import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compare } from "./frame.mjs";
import { slices, startService } from "./service.mjs";

const POINTS = 200;
const STARTS = 3;
const POINT =
  "query One($id: String!) { variant(id: { id: $id }) { variant { id chrom pos ref alt frequencies { focusAlleleCount locusAlleleCount } } } }";
const LIST = `{ variants(filter: { qual: { includeMissing: true, gte: 0 } }, first: 100) { nodes { id }
  facets(by: [{ field: "type", size: 5 }]) { buckets { key count { value } } } } }`;

/**
 * The same job and the same questions in both profiles on one machine; the embedded one is the peer.
 * `VITALOME_BENCH_STACK` is the folder of a stack that is up.
 */
export default async function run() {
  const folder = process.env.VITALOME_BENCH_STACK ?? "";
  const files = slices();
  if (folder === "" || files === null) {
    console.log("cluster: skipped (needs the public slices, and VITALOME_BENCH_STACK, the folder of a stack)");
    return;
  }
  const stack = JSON.parse(readFileSync(join(folder, "stack.json"), "utf8"));
  const environment = {
    VITALOME_PROFILE: "cluster",
    HDFS_WEBHDFS_URL: stack.webhdfs,
    HDFS_URL: stack.hdfs,
    HDFS_ROOT: `/bench${process.pid}`,
    HDFS_USER: stack.user,
    HDFS_REPLICATION: "1",
    KAFKA_BROKERS: stack.kafka,
    KAFKA_TOPIC_PREFIX: `bench${process.pid}.`,
    SPARK_THRIFT: stack.thrift,
    SPARK_PYTHON: stack.python,
  };
  const embedded = await startService();
  let cluster = await startService(environment);
  const ingest = (service, name, paths) => async () => {
    await service.cli(["ingest", ...paths, "--assembly", "GRCh38", "--call-set", name, "--output", "json"]);
    const { callSets } = await service.query("{ callSets { name sites } }");
    return callSets.find((callSet) => callSet.name === name);
  };
  const jobs = async (title, name, paths) =>
    compare(
      title,
      [
        { name: "embedded", run: ingest(embedded, name, paths) },
        { name: "Spark, HDFS and Kafka", run: ingest(cluster, name, paths) },
      ],
      1,
    );
  await jobs("The ingest of one slice", "slice", files.slice(0, 1));
  await jobs("The ingest of all 18 slices as one job", "1000G", files);

  const { variants } = await embedded.query("{ variants(filter: {}, first: 1000) { nodes { id } } }");
  const ids = variants.nodes.filter((_, index) => index % 5 === 0).map(({ id }) => id);
  const points = (service) => async () => {
    const found = [];
    for (const id of ids.slice(0, POINTS)) found.push((await service.query(POINT, { id })).variant.variant);
    return found;
  };
  await compare(`${POINTS} points by id, one request each`, [
    { name: "embedded", run: points(embedded) },
    { name: "cluster, cache warm", run: points(cluster) },
  ]);
  const list = (service) => async () => (await service.query(LIST)).variants;
  await compare("A list of everything, with a facet", [
    { name: "embedded", run: list(embedded) },
    { name: "cluster, from copies", run: list(cluster) },
  ]);

  const first = (keepsCache) => async () => {
    await cluster.stop({ keep: true });
    if (!keepsCache) rmSync(join(cluster.directory, "cache"), { recursive: true, force: true });
    cluster = await startService(environment, cluster.directory);
    const began = performance.now();
    const answer = (await cluster.query(POINT, { id: ids[0] })).variant.variant;
    spent.push(performance.now() - began);
    return answer;
  };
  let spent = [];
  for (const keepsCache of [true, false]) {
    spent = [];
    await compare(
      `From the start of a cluster process to its first point, its cache ${keepsCache ? "full" : "empty"}`,
      [{ name: "start and point", run: first(keepsCache) }],
      STARTS,
    );
    console.log(`\nthe point alone: ${spent.map((ms) => ms.toFixed(0)).join(", ")} ms`);
  }

  console.log("\n## Memory after all of this\n\n| process | resident MiB |\n| --- | --: |");
  const processes = { embedded: embedded.pid, cluster: cluster.pid, ...stack.processes };
  for (const [name, pid] of Object.entries(processes)) console.log(`| ${name} | ${residentMiB(pid)} |`);
  await cluster.stop();
  await embedded.stop();
}

function residentMiB(pid) {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return line === null ? "?" : Math.round(Number(line[1]) / 1024);
}
