import { resolve } from "node:path";
import { z } from "zod";
import { VitalomeError } from "./errors.js";

export const PROFILES = ["embedded", "cluster"] as const;
/** What a process of the cluster profile does; an embedded one does all. */
export const ROLES = ["all", "api", "worker"] as const;

/** `input`: records may name the time of their receipt, and nothing happens between two of them. */
export const LIVE_TIMES = ["wall", "input"] as const;

/** Everything the service can be told, checked once. */
export interface Settings {
  readonly dataDirectory: string;
  readonly host: string;
  readonly port: number;
  readonly profile: (typeof PROFILES)[number];
  readonly role: (typeof ROLES)[number];
  /** Folder of the keys, where it is not below the data folder: processes that serve together share it. */
  readonly keyDirectory: string | null;
  /** Where the systems of the cluster profile are; null in the embedded one. */
  readonly cluster: ClusterSettings | null;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
  readonly duckdbMemoryLimit: string;
  readonly duckdbThreads: number;
  /** Bytes of decoded index blocks kept in memory. */
  readonly blockCacheBytes: number;
  /** Milliseconds an event is kept at least. */
  readonly logKeepMs: number;
  /** With more bytes in the event log older events go earlier, but for those of the last day; null: no bound. */
  readonly logMaxBytes: number | null;
  /** So many events that are in the log alone come into tables at once. */
  readonly compactEvents: number;
  /** Milliseconds after which fewer come into tables, too. */
  readonly compactMs: number;
  /** Seconds the token that `up` prints is valid. */
  readonly tokenLifetime: number;
  /** What tells the time of readings and alerts: the clock, or readings alone, for replays and tests. */
  readonly liveTime: (typeof LIVE_TIMES)[number];
  /** The longest time between two events of a subscription, in milliseconds. */
  readonly heartbeatMs: number;
  /** Subscriptions that one socket, and all sockets of one token, may have open. */
  readonly socketSubscriptions: number;
  readonly tokenSubscriptions: number;
  /** Bytes that may wait for a subscriber who reads slowly. */
  readonly socketBufferBytes: number;
}

export interface ClusterSettings {
  /** `http://host:port` of the NameNode. */
  readonly webhdfs: string;
  /** `hdfs://host:port`, as Spark reaches the same NameNode. */
  readonly hdfs: string;
  /** Folder of the store in HDFS, absolute. */
  readonly root: string;
  readonly user: string;
  readonly brokers: readonly string[];
  /** Before the name of every topic. */
  readonly topicPrefix: string;
  /** `host:port` of the Spark Thrift server. */
  readonly thrift: string;
  readonly sparkMaster: string;
  readonly sparkMemory: string;
  /** Python with the packages of pyspark/requirements.txt. */
  readonly python: string;
  /** Paths or addresses of what Spark needs to read Kafka. */
  readonly jars: readonly string[];
  /** Where the tools of Spark's start script and its Java are found; null: on that path. */
  readonly path: string;
  readonly javaHome: string | null;
  /** Copies HDFS keeps of what jobs write; null: as HDFS has it. */
  readonly replication: number | null;
  /** Bytes of copies of published files kept on this machine. */
  readonly cacheBytes: number;
  /** Statements whose tables have no more bytes are answered from copies; 0: all go to Spark. */
  readonly nearBytes: number;
}

/** One row per setting: the variable and the option that set it, its default, what it is. The README prints this table. */
export const SETTINGS = [
  {
    name: "VITALOME_DATA",
    option: "--data",
    field: "dataDirectory",
    fallback: ".vitalome",
    meaning: "Folder that holds everything",
  },
  { name: "VITALOME_HOST", option: "--host", field: "host", fallback: "127.0.0.1", meaning: "Address to listen on" },
  {
    name: "VITALOME_PORT",
    option: "--port",
    field: "port",
    fallback: "4000",
    meaning: "Port to listen on; 0 takes a free one",
  },
  {
    name: "VITALOME_PROFILE",
    option: "--profile",
    field: "profile",
    fallback: "embedded",
    meaning: "`embedded`, or `cluster`: HDFS, Kafka and Spark",
  },
  {
    name: "VITALOME_ROLE",
    option: "--role",
    field: "role",
    fallback: "all",
    meaning: "Cluster: `api`, `worker`, or `all` in one process",
  },
  {
    name: "VITALOME_KEYS",
    option: null,
    field: "keyDirectory",
    fallback: "",
    meaning: "Folder with `keys/`, shared by all API processes; default: the data folder",
  },
  {
    name: "HDFS_WEBHDFS_URL",
    option: null,
    field: "webhdfs",
    fallback: "",
    meaning: "Cluster: NameNode over HTTP; without it `up` starts a stack of its own",
  },
  { name: "HDFS_URL", option: null, field: "hdfs", fallback: "", meaning: "Cluster: the same NameNode, `hdfs://…`" },
  {
    name: "HDFS_ROOT",
    option: null,
    field: "hdfsRoot",
    fallback: "/vitalome",
    meaning: "Cluster: folder of the store in HDFS",
  },
  { name: "HDFS_USER", option: null, field: "hdfsUser", fallback: "vitalome", meaning: "Cluster: user of the store" },
  {
    name: "HDFS_REPLICATION",
    option: null,
    field: "replication",
    fallback: "0",
    meaning: "Cluster: copies of what jobs write; 0: as HDFS has it",
  },
  {
    name: "KAFKA_BROKERS",
    option: null,
    field: "brokers",
    fallback: "",
    meaning: "Cluster: `host:port`, several by comma",
  },
  {
    name: "KAFKA_TOPIC_PREFIX",
    option: null,
    field: "topicPrefix",
    fallback: "",
    meaning: "Cluster: before the name of every topic",
  },
  {
    name: "SPARK_THRIFT",
    option: null,
    field: "thrift",
    fallback: "",
    meaning: "Cluster: `host:port` of Spark Thrift",
  },
  {
    name: "SPARK_MASTER",
    option: null,
    field: "sparkMaster",
    fallback: "local[2]",
    meaning: "Cluster: where batch jobs run",
  },
  {
    name: "SPARK_DRIVER_MEMORY",
    option: null,
    field: "sparkMemory",
    fallback: "1500m",
    meaning: "Cluster: memory of a job's driver",
  },
  {
    name: "SPARK_PYTHON",
    option: null,
    field: "python",
    fallback: "python3",
    meaning: "Cluster: Python with pyspark/requirements.txt",
  },
  {
    name: "SPARK_JARS",
    option: null,
    field: "jars",
    fallback: "",
    meaning: "Cluster: jars with which jobs read Kafka, several by comma",
  },
  { name: "JAVA_HOME", option: null, field: "javaHome", fallback: "", meaning: "Cluster: Java of batch jobs" },
  {
    name: "VITALOME_CACHE_MB",
    option: null,
    field: "cacheBytes",
    fallback: "4096",
    meaning: "Cluster: MiB of published files kept on this machine",
  },
  {
    name: "VITALOME_NEAR_MB",
    option: null,
    field: "nearBytes",
    fallback: "256",
    meaning: "Cluster: lists and facets over tables of so many MiB need no Spark",
  },
  {
    name: "VITALOME_LOG_LEVEL",
    option: "--log-level",
    field: "logLevel",
    fallback: "warn",
    meaning: "`debug`, `info`, `warn`, `error` or `silent`",
  },
  {
    name: "VITALOME_BLOCK_CACHE_MB",
    option: null,
    field: "blockCacheBytes",
    fallback: "128",
    meaning: "MiB of index blocks kept in memory",
  },
  {
    name: "VITALOME_LOG_KEEP_DAYS",
    option: null,
    field: "logKeepMs",
    fallback: "7",
    meaning: "Days an event is kept at least; 1 or more",
  },
  {
    name: "VITALOME_LOG_MAX_MB",
    option: null,
    field: "logMaxBytes",
    fallback: "0",
    meaning: "MiB of events from which those older than a day go earlier; 0: no bound",
  },
  {
    name: "VITALOME_COMPACT_EVENTS",
    option: null,
    field: "compactEvents",
    fallback: "1000000",
    meaning: "So many events that are in the log alone are brought into tables at once",
  },
  {
    name: "VITALOME_COMPACT_MINUTES",
    option: null,
    field: "compactMs",
    fallback: "10",
    meaning: "Minutes after which any number of events is brought into tables",
  },
  {
    name: "VITALOME_TOKEN_HOURS",
    option: null,
    field: "tokenLifetime",
    fallback: "720",
    meaning: "Hours the token that `up` prints is valid",
  },
  {
    name: "VITALOME_HEARTBEAT_SECONDS",
    option: null,
    field: "heartbeatMs",
    fallback: "5",
    meaning: "Seconds between two events of a quiet subscription, 1 to 9",
  },
  {
    name: "VITALOME_CLOCK",
    option: null,
    field: "liveTime",
    fallback: "wall",
    meaning: "`wall`, or `input` for replays and tests: readings alone tell the time of alerts",
  },
  {
    name: "VITALOME_SOCKET_SUBSCRIPTIONS",
    option: null,
    field: "socketSubscriptions",
    fallback: "100",
    meaning: "Subscriptions on one socket",
  },
  {
    name: "VITALOME_TOKEN_SUBSCRIPTIONS",
    option: null,
    field: "tokenSubscriptions",
    fallback: "2000",
    meaning: "Subscriptions of one token",
  },
  {
    name: "VITALOME_SOCKET_BUFFER_MB",
    option: null,
    field: "socketBufferBytes",
    fallback: "8",
    meaning: "MiB that may wait for a slow subscriber before it is cut off",
  },
  {
    name: "DUCKDB_MEMORY_LIMIT",
    option: null,
    field: "duckdbMemoryLimit",
    fallback: "2GB",
    meaning: "Memory of one DuckDB instance; more spills to disk",
  },
  {
    name: "DUCKDB_THREADS",
    option: null,
    field: "duckdbThreads",
    fallback: "2",
    meaning: "Threads of one DuckDB instance",
  },
] as const;

const whole = (least: number, most: number): z.ZodType<number> =>
  z.string().regex(/^\d+$/, "expected a whole number").transform(Number).pipe(z.number().min(least).max(most));

const emptyOr = (wanted: z.ZodType<string>): z.ZodType<string> => z.union([z.literal(""), wanted]);

const schema = z.object({
  dataDirectory: z
    .string()
    .min(1, "expected a folder")
    .transform((path) => resolve(path)),
  host: z.string().min(1, "expected an address"),
  port: whole(0, 65_535),
  profile: z.enum(PROFILES),
  role: z.enum(ROLES),
  keyDirectory: z.string().transform((path) => (path === "" ? null : resolve(path))),
  webhdfs: emptyOr(z.url({ protocol: /^https?$/, error: "expected http://host:port" })),
  hdfs: emptyOr(z.string().regex(/^hdfs:\/\/[^/]+$/, "expected hdfs://host:port")),
  hdfsRoot: z.string().regex(/^(\/[\w.-]+)+$/, "expected an absolute folder"),
  hdfsUser: z.string().regex(/^[\w.-]+$/, "expected a user name"),
  brokers: emptyOr(z.string().regex(/^[^,\s]+:\d+(,[^,\s]+:\d+)*$/, "expected host:port, several by comma")),
  topicPrefix: z.string().regex(/^[\w.-]*$/, "expected letters, digits, . _ or -"),
  thrift: emptyOr(z.string().regex(/^[^\s]+:\d+$/, "expected host:port")),
  sparkMaster: z.string().min(1, "expected a Spark master"),
  sparkMemory: z.string().regex(/^\d+[mg]$/, "expected a size such as 1500m"),
  python: z.string().min(1, "expected a program"),
  jars: z.string().transform((paths) => (paths === "" ? [] : paths.split(","))),
  javaHome: z.string().transform((path) => (path === "" ? null : path)),
  replication: whole(0, 512).transform((copies) => (copies === 0 ? null : copies)),
  cacheBytes: whole(16, 1 << 24).transform((megabytes) => megabytes * 1024 * 1024),
  nearBytes: whole(0, 1 << 24).transform((megabytes) => megabytes * 1024 * 1024),
  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]),
  duckdbMemoryLimit: z.string().regex(/^\d+(?:\.\d+)?(?:MB|GB|MiB|GiB)$/, "expected a size such as 2GB"),
  duckdbThreads: whole(1, 1024),
  blockCacheBytes: whole(1, 1 << 20).transform((megabytes) => megabytes * 1024 * 1024),
  logKeepMs: whole(1, 36_500).transform((days) => days * 24 * 60 * 60 * 1000),
  logMaxBytes: whole(0, 1 << 30).transform((megabytes) => (megabytes === 0 ? null : megabytes * 1024 * 1024)),
  compactEvents: whole(1, 1_000_000_000),
  compactMs: whole(1, 1_000_000).transform((minutes) => minutes * 60_000),
  tokenLifetime: whole(1, 24 * 365 * 10).transform((hours) => hours * 3600),
  liveTime: z.enum(LIVE_TIMES),
  heartbeatMs: whole(1, 9).transform((seconds) => seconds * 1000),
  socketSubscriptions: whole(1, 10_000),
  tokenSubscriptions: whole(1, 1_000_000),
  socketBufferBytes: whole(1, 1024).transform((megabytes) => megabytes * 1024 * 1024),
});

type Field = (typeof SETTINGS)[number]["field"];
/** Settings by field, as text. */
export type SettingOptions = Readonly<Partial<Record<Field, string | undefined>>>;
type Given = z.infer<typeof schema>;

/** Faults no single field tells: a cluster needs the address of each system. */
function faultsOf({ profile, role, webhdfs, hdfs, brokers, thrift }: Given): readonly string[] {
  if (profile === "embedded") return role === "all" ? [] : ["VITALOME_ROLE (--role): an embedded service is all"];
  const needed = { HDFS_WEBHDFS_URL: webhdfs, HDFS_URL: hdfs, KAFKA_BROKERS: brokers, SPARK_THRIFT: thrift };
  return Object.entries(needed).flatMap(([name, value]) =>
    value === "" ? [`${name}: the cluster profile needs it`] : [],
  );
}

function settingsOf(given: Given, path: string): Settings {
  const { webhdfs, hdfs, hdfsRoot, hdfsUser, brokers, topicPrefix, thrift, sparkMaster, sparkMemory, ...rest } = given;
  const { python, jars, cacheBytes, nearBytes, javaHome, replication, ...common } = rest;
  const cluster = {
    ...{ webhdfs: webhdfs.replace(/\/$/, ""), hdfs, root: hdfsRoot, user: hdfsUser, brokers: brokers.split(",") },
    ...{ topicPrefix, thrift, sparkMaster, sparkMemory, python, jars, cacheBytes, nearBytes, path, javaHome },
    replication,
  };
  return { ...common, cluster: given.profile === "cluster" ? cluster : null };
}

/** Whether the profile is cluster and nothing says where its systems are: then they are started on this machine. */
export function needsStack(
  environment: Readonly<Record<string, string | undefined>>,
  options: SettingOptions = {},
): boolean {
  const valueOf = givenIn(environment, options);
  return valueOf("profile") === "cluster" && ADDRESSES.every((field) => valueOf(field) === "");
}

const ADDRESSES = ["webhdfs", "hdfs", "brokers", "thrift"] as const;

/** Options win over the environment, the environment over defaults; an empty variable counts as unset. */
function givenIn(
  environment: Readonly<Record<string, string | undefined>>,
  options: SettingOptions,
): (field: Field) => string {
  return (field) => {
    const { name, fallback } = SETTINGS.find((setting) => setting.field === field) ?? { name: "", fallback: "" };
    return options[field] ?? (environment[name] === "" ? undefined : environment[name]) ?? fallback;
  };
}

/** CONFIG_INVALID lists every fault. */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  options: SettingOptions = {},
): Settings {
  const valueOf = givenIn(environment, options);
  const given = Object.fromEntries(SETTINGS.map(({ field }) => [field, valueOf(field)]));
  const parsed = schema.safeParse(given);
  if (parsed.success) {
    const missing = faultsOf(parsed.data);
    if (missing.length > 0) throw new VitalomeError("CONFIG_INVALID", missing.join("; "));
    return settingsOf(parsed.data, environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin");
  }
  const faults = parsed.error.issues.map((issue) => {
    const setting = SETTINGS.find(({ field }) => field === issue.path[0]);
    const option = setting?.option ?? null;
    return `${setting?.name ?? String(issue.path[0])}${option === null ? "" : ` (${option})`}: ${issue.message}`;
  });
  throw new VitalomeError("CONFIG_INVALID", faults.join("; "));
}

/** The process's environment. Nothing else reads it. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
