/** The processes of a stack, in the order in which they are named. */
export const PARTS = ["namenode", "datanode", "kafka", "thrift", "windows"] as const;

export type PartName = (typeof PARTS)[number];

/** What others stand on. The rest starts when these answer, and ends before them. */
export const SERVERS: readonly PartName[] = PARTS.filter((name) => name !== "windows");

export function isPartName(value: string): value is PartName {
  return (PARTS as readonly string[]).includes(value);
}

/** What a part is called towards a person. */
export const TITLES: Readonly<Record<PartName, string>> = {
  namenode: "HDFS NameNode",
  datanode: "HDFS DataNode",
  kafka: "Kafka",
  thrift: "Spark Thrift server",
  windows: "windows query",
};

/** One process of a stack: how it is prepared and started. */
export interface Part {
  readonly name: PartName;
  /** Every port it listens on. */
  readonly ports: readonly number[];
  /** Writes its configuration; formats its store where there is none yet. Repeatable. */
  prepare(): Promise<void>;
  readonly command: Command;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}
