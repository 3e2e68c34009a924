import type { Ports } from "../ports.js";

const REQUEST_MS = 5_000;
const NAMENODE = "Hadoop:service=NameNode,name=FSNamesystemState";
const DATANODE = "Hadoop:service=DataNode,name=DataNodeInfo";

type Bean = Readonly<Record<string, string | number | boolean | null>>;

export async function nameNodeIsReady({ webhdfs }: Ports): Promise<boolean> {
  return (await bean(webhdfs, NAMENODE)) !== null;
}

/** Running in its own words: registered with the NameNode. */
export async function dataNodeIsReady({ datanodeHttp }: Ports): Promise<boolean> {
  const info = await bean(datanodeHttp, DATANODE);
  return String(info?.["BPServiceActorInfo"] ?? "").includes('"ActorState":"RUNNING"');
}

/** True when files can be written and read: a live DataNode, and no safe mode. */
export async function hdfsIsOperational({ webhdfs }: Ports): Promise<boolean> {
  const state = await bean(webhdfs, NAMENODE);
  return state?.["FSState"] === "Operational" && state["NumLiveDataNodes"] === 1;
}

/** What a server tells about itself; null while it has nothing to tell. */
async function bean(port: number, name: string): Promise<Bean | null> {
  const url = `http://127.0.0.1:${String(port)}/jmx?qry=${name}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_MS) });
  const { beans } = (await response.json()) as { beans?: readonly Bean[] };
  return beans?.[0] ?? null;
}
