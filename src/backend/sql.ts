/**
 * A statement whose text and values stay apart until an adapter binds or renders them.
 * Build with the `sql` tag; nest fragments freely; `identifier` only for names from a closed list.
 */
export interface Sql {
  readonly strings: readonly string[];
  readonly values: readonly SqlValue[];
}

export type SqlValue = string | number | bigint | boolean | null;

export function isSql(value: unknown): value is Sql {
  return typeof value === "object" && value !== null && "strings" in value && "values" in value;
}

export function sql(strings: TemplateStringsArray, ...parts: readonly (SqlValue | Sql)[]): Sql {
  const texts: string[] = [strings[0] ?? ""];
  const values: SqlValue[] = [];
  parts.forEach((part, index) => {
    const after = strings[index + 1] ?? "";
    if (isSql(part)) {
      part.strings.forEach((text, at) => {
        if (at === 0) texts[texts.length - 1] += text;
        else texts.push(text);
      });
      for (const value of part.values) values.push(value);
      texts[texts.length - 1] += after;
    } else {
      values.push(part);
      texts.push(after);
    }
  });
  return { strings: texts, values };
}

/** Text that is part of the program, never of the input. */
export function raw(text: string): Sql {
  return { strings: [text], values: [] };
}

/** Linear in the parts, however many. */
export function join(parts: readonly Sql[], separator: string): Sql {
  const strings: string[] = [""];
  const values: SqlValue[] = [];
  parts.forEach((part, index) => {
    part.strings.forEach((text, at) => {
      if (at > 0) strings.push(text);
      else strings[strings.length - 1] += index === 0 ? text : `${separator}${text}`;
    });
    for (const value of part.values) values.push(value);
  });
  return { strings, values };
}

/** A quoted identifier in the dialect DuckDB and Spark share when backticks are mapped by the adapter. */
export function identifier(name: string): Sql {
  if (!/^[a-z_][a-z0-9_]*$/.test(name)) throw new TypeError(`not a plain identifier: ${JSON.stringify(name)}`);
  return raw(name);
}
