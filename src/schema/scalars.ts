import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from "graphql";
import { formatDuration, parseDuration } from "../domain/duration.js";

/** ISO 8601 in UTC; held as milliseconds since the epoch. */
export const DateTimeScalar = new GraphQLScalarType<number, string>({
  name: "DateTime",
  description: "A moment as ISO 8601 text in UTC, such as 2026-01-31T12:00:00.000Z.",
  specifiedByURL: "https://scalars.graphql.org/andimarek/date-time",
  serialize: (value) => new Date(value as number).toISOString(),
  parseValue(value) {
    const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(at)) throw new GraphQLError("DateTime must be ISO 8601 text");
    return at;
  },
});

/** ISO 8601, whole milliseconds; held as milliseconds. */
export const DurationScalar = new GraphQLScalarType<number, string>({
  name: "Duration",
  description:
    "A length of time as ISO 8601 text of weeks, days, hours, minutes and seconds, such as PT15S or PT2H30M. Years and months have no fixed length and are refused.",
  specifiedByURL: "https://www.iso.org/iso-8601-date-and-time-format.html",
  serialize: (value) => formatDuration(value as number),
  parseValue(value) {
    const milliseconds = typeof value === "string" ? parseDuration(value) : null;
    if (milliseconds === null) throw new GraphQLError("Duration must be ISO 8601 text such as PT15S");
    return milliseconds;
  },
});

/** Opaque and sealed: a client stores and returns it, nothing else. */
export const CursorScalar = new GraphQLScalarType<string, string>({
  name: "Cursor",
  description:
    "An opaque place in a list or stream. Give it back unchanged; it is valid for the same query, caller and snapshot only.",
  serialize: String,
  parseValue(value) {
    if (typeof value !== "string" || value.length > 4096)
      throw new GraphQLError("Cursor must be text that this service gave");
    return value;
  },
});

const MAX_DEPTH = 32;

/** Any JSON value; `__proto__` is dropped, so that no object changes its prototype. */
export const JsonScalar = new GraphQLScalarType({
  name: "JSON",
  description: "Any JSON value.",
  specifiedByURL: "https://www.rfc-editor.org/rfc/rfc8259",
  serialize: (value) => value,
  parseValue: (value) => plain(value, 0),
  parseLiteral: (node) => literal(node, 0),
});

function plain(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new GraphQLError("JSON is nested too deeply");
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "__proto__")
      .map(([key, inner]) => [key, plain(inner, depth + 1)]),
  );
}

function literal(node: ValueNode, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new GraphQLError("JSON is nested too deeply");
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value;
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((item) => literal(item, depth + 1));
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields
          .filter((field) => field.name.value !== "__proto__")
          .map((field) => [field.name.value, literal(field.value, depth + 1)]),
      );
    case Kind.VARIABLE:
      throw new GraphQLError("JSON literals hold no variables");
  }
}
