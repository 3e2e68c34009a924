/** `##key=value`; structured values are `<key=value,…>` with optional quotes and brackets. */
export interface MetaLine {
  readonly key: string;
  readonly value: string;
  /** Fields in order, or null when the value is plain text. */
  readonly fields: readonly MetaField[] | null;
}

export interface MetaField {
  readonly key: string;
  readonly value: string;
  readonly isQuoted: boolean;
}

/** Null with a reason when the line is not `##key=value` or its angle brackets do not hold together. */
export function parseMetaLine(line: string): MetaLine | { readonly fault: string } {
  const at = line.indexOf("=");
  if (at <= 2) return { fault: "##key=value" };
  const key = line.slice(2, at);
  const value = line.slice(at + 1);
  if (value === "") return { fault: "a value after =" };
  if (!value.startsWith("<")) return { key, value, fields: null };
  if (!value.endsWith(">")) return { fault: "a closing > at the end of the line" };
  const fields = parseFields(value.slice(1, -1));
  return typeof fields === "string" ? { fault: fields } : { key, value, fields };
}

function parseFields(text: string): readonly MetaField[] | string {
  const fields: MetaField[] = [];
  for (let at = 0; at < text.length;) {
    const equals = text.indexOf("=", at);
    if (equals < 0) return "key=value fields separated by commas";
    const key = text.slice(at, equals).trim();
    if (key === "" || key.includes(",")) return "key=value fields separated by commas";
    let stop: number;
    let isQuoted = false;
    let value: string;
    const quote = text[equals + 1];
    if (quote === '"' || quote === "'") {
      isQuoted = true;
      stop = equals + 2;
      while (stop < text.length && text[stop] !== quote) stop += text[stop] === "\\" ? 2 : 1;
      if (stop >= text.length) return "a closing quotation mark";
      value = text.slice(equals + 2, stop);
      stop += 1;
      if (stop < text.length && text[stop] !== ",") return "no unescaped quotation mark inside a value";
    } else {
      const closing = text[equals + 1] === "[" ? text.indexOf("]", equals) : -1;
      stop = text.indexOf(",", Math.max(equals, closing));
      if (stop < 0) stop = text.length;
      value = text.slice(equals + 1, stop);
    }
    fields.push({ key, value, isQuoted });
    at = stop + 1;
    if (stop === text.length - 1 && text[stop] === ",") return "no comma at the end";
  }
  return fields.length === 0 ? "at least one key=value" : fields;
}
