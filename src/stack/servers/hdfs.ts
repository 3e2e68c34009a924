import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { VitalomeError, messageOf } from "../../errors.js";
import type { StackFolder } from "../folder.js";
import { isThere } from "../is-there.js";
import { runLogged } from "../process/launch.js";
import type { Command, Part } from "../parts.js";
import type { Ports } from "../ports.js";
import { addressesOf } from "../stack-file.js";
import { renderAll } from "./template.js";

export interface HdfsOptions {
  readonly folder: StackFolder;
  readonly ports: Ports;
  readonly user: string;
  readonly java: string;
  /** Folder of jars. */
  readonly jars: string;
  readonly environment: Readonly<Record<string, string>>;
}

const PACKAGE = "org.apache.hadoop.hdfs.server";
/** The first request to a NameNode on a busy machine loads much. */
const REQUEST_MS = 60_000;
const ANSWER_CHARACTERS = 200;
/** Where the lake is, and where tables without a place of their own are. */
const FOLDERS = ["/vitalome", "/vitalome-warehouse"] as const;
/** The jar lacks the pages that the servers serve, and they refuse to start without these folders. */
const PAGES = ["hdfs", "datanode", "secondary", "static"] as const;

export function createHdfs(options: HdfsOptions): readonly [Part, Part] {
  const { folder, ports } = options;
  const root = folder.server("hdfs");
  const name = join(root, "name");
  const prepare = async (): Promise<void> => {
    await configure(options, root);
    if (await isThere(join(name, "current", "VERSION"))) return;
    // Formatted beside and then renamed: a format that broke off is never taken for a store.
    const fresh = `${name}.new`;
    await rm(fresh, { recursive: true, force: true });
    const args = ["-D", `dfs.namenode.name.dir=file://${fresh}`, "-format", "-nonInteractive"];
    const command = java(options, root, `${PACKAGE}.namenode.NameNode`, args, ["-XX:TieredStopAtLevel=1"]);
    await runLogged(command, folder.log("namenode"), "formatting the NameNode");
    await rename(fresh, name);
  };
  return [
    {
      name: "namenode",
      ports: [ports.hdfs, ports.webhdfs],
      prepare,
      command: java(options, root, `${PACKAGE}.namenode.NameNode`),
    },
    {
      name: "datanode",
      ports: [ports.datanode, ports.datanodeHttp, ports.datanodeIpc],
      prepare: () => configure(options, root),
      command: java(options, root, `${PACKAGE}.datanode.DataNode`),
    },
  ];
}

/** The folders that a stack starts with, owned by the user who started it. Repeatable. */
export async function makeFolders(ports: Ports, user: string): Promise<void> {
  for (const path of FOLDERS) {
    const query = new URLSearchParams({ op: "MKDIRS", permission: "755", "user.name": user }).toString();
    const url = `${addressesOf(ports).webhdfs}/webhdfs/v1${path}?${query}`;
    const request = { method: "PUT", signal: AbortSignal.timeout(REQUEST_MS) };
    const answer = await fetch(url, request).then(
      async (response) => `${String(response.status)} ${await response.text()}`,
      (thrown: unknown) => messageOf(thrown),
    );
    if (/^200 .*true/.test(answer)) continue;
    throw new VitalomeError("BACKEND_UNAVAILABLE", `HDFS did not make ${path}: ${answer.slice(0, ANSWER_CHARACTERS)}`);
  }
}

async function configure({ ports, user }: HdfsOptions, root: string): Promise<void> {
  await renderAll("hdfs", ["core-site.xml", "hdfs-site.xml", "log4j.properties"], join(root, "conf"), {
    folder: root,
    user,
    hdfs: addressesOf(ports).hdfs,
    httpPort: ports.webhdfs,
    dataPort: ports.datanode,
    dataHttpPort: ports.datanodeHttp,
    dataIpcPort: ports.datanodeIpc,
  });
  for (const page of PAGES) await renderAll("hdfs", ["web.xml"], join(root, "web", "webapps", page, "WEB-INF"), {});
  await mkdir(join(root, "tmp"), { recursive: true });
}

function java(
  { java: program, jars, environment }: HdfsOptions,
  root: string,
  main: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): Command {
  const options = [
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-Duser.timezone=UTC",
    // WebHDFS answers 500 without: its JSON is made by reflection into the language's own package.
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    ...flags,
  ];
  const path = [join(root, "conf"), join(root, "web"), join(jars, "*")].join(":");
  return { program, args: [...options, "-cp", path, main, ...args], environment };
}
