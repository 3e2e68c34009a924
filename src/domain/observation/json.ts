/** A JSON object of unknown content: nothing of it is trusted before it is looked at. */
export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A value as JSON text of at most so many characters; what lies deeper than can be written is named instead. Never throws,
 * whatever came out of a parser.
 */
export function jsonText(value: unknown, most = Infinity): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = "(nested deeper than can be written)";
  }
  return cut(text ?? String(value), most);
}

/** The first characters of a text; a pair of which one half would be left goes whole. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return text.slice(0, end);
}

/** Whether lists and objects lie within each other at more levels than allowed. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value as Json).some((one) => isDeeper(one, levels - 1));
}
