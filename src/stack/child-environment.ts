/** Settings of the caller that a server may see. Of HADOOP_…, SPARK_… and the like none: they would change what runs. */
const PASSED = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "JAVA_HOME"] as const;

export type Environment = Readonly<Record<string, string | undefined>>;

export function childEnvironment(environment: Environment): Readonly<Record<string, string>> {
  const passed = PASSED.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(passed);
}

/** The whole of it, for tools that fetch: they have settings of their own, such as a proxy. */
export function definedOnly(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
