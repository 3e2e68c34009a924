/** A type of Spark SQL as `DESCRIBE QUERY` prints it. */
export type SparkType =
  | { readonly kind: "array"; readonly element: SparkType }
  | { readonly kind: "map"; readonly key: SparkType; readonly value: SparkType }
  | { readonly kind: "struct"; readonly fields: readonly (readonly [string, SparkType])[] }
  /** Without parameters: `decimal`, not `decimal(10,3)`. */
  | { readonly kind: "plain"; readonly name: string };

/** `array<struct<a:bigint,b:decimal(10,3)>>`. Names with other signs stand in backticks. */
export function parseSparkType(text: string): SparkType {
  let at = 0;

  function fail(): never {
    throw new TypeError(`not a type of Spark SQL: ${text}`);
  }
  function expect(sign: string): void {
    if (text[at] !== sign) fail();
    at += 1;
  }
  function name(): string {
    const quoted = /^`((?:[^`]|``)*)`/.exec(text.slice(at));
    const found = quoted ?? /^([^:<>,`()]+)/.exec(text.slice(at)) ?? fail();
    at += found[0].length;
    return (found[1] ?? "").replaceAll("``", "`");
  }
  function type(): SparkType {
    const kind = name();
    if (kind === "array") {
      expect("<");
      const element = type();
      expect(">");
      return { kind, element };
    }
    if (kind === "map") {
      expect("<");
      const key = type();
      expect(",");
      const value = type();
      expect(">");
      return { kind, key, value };
    }
    if (kind === "struct") {
      expect("<");
      const fields: [string, SparkType][] = [];
      while (text[at] !== ">") {
        if (fields.length > 0) expect(",");
        const field = name();
        expect(":");
        fields.push([field, type()]);
      }
      expect(">");
      return { kind, fields };
    }
    const parameters = /^\([^)]*\)/.exec(text.slice(at));
    at += parameters?.[0].length ?? 0;
    return { kind: "plain", name: kind };
  }

  const parsed = type();
  if (at !== text.length) fail();
  return parsed;
}
