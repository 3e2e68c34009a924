import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { buildSchema, getNamedType, isLeafType, isObjectType, isRequiredArgument, isUnionType } from "graphql";

const SCHEMA = buildSchema(readFileSync(resolve(import.meta.dirname, "../../schema.graphql"), "utf8"));

/** Sealed, or of one moment: two services never say the same here. */
const OWN = new Set(["cursor", "startCursor", "endCursor", "asOf", "publishedAt", "queuedAt", "startedAt", "endedAt"]);
/** The same nodes a second time. */
const REPEATED = new Set(["edges"]);

/** Answered as of now unless told: two services never have the same now. */
const MOMENTS: Readonly<Record<string, string>> = { news2: '(at: "2026-01-01T00:00:00Z")' };

/** Every field of a type that needs no argument, down to `depth` objects below it; but for those named in `without`. */
export function everyField(typeName: string, depth: number, without: readonly string[] = []): string {
  const type = SCHEMA.getType(typeName);
  if (isUnionType(type)) {
    const parts = type.getTypes().map(({ name }) => `... on ${name} ${everyField(name, depth, without)}`);
    return `{ __typename ${parts.join(" ")} }`;
  }
  if (!isObjectType(type)) throw new TypeError(`${typeName} is no object`);
  const fields = Object.values(type.getFields()).flatMap(({ name, type: fieldType, args }) => {
    const named = getNamedType(fieldType);
    if (OWN.has(name) || REPEATED.has(name) || without.includes(name) || args.some(isRequiredArgument)) return [];
    if (isLeafType(named)) return [name];
    return depth === 0 ? [] : [`${name}${MOMENTS[name] ?? ""} ${everyField(named.name, depth - 1, without)}`];
  });
  return `{ ${["__typename", ...fields].join(" ")} }`;
}
