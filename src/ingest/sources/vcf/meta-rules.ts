import type { StatedContig } from "../../../domain/contig.js";
import { headerFault } from "./header-fault.js";
import { isSince43 } from "./info.js";
import type { MetaField } from "./meta-line.js";
import { reservedFormat, reservedInfo } from "./reserved.js";
import type { FieldDefinition, FieldType, FilterDefinition } from "./types.js";

/** One `##key=<…>` line of a file of some version. */
export interface StructuredLine {
  readonly key: string;
  readonly fields: readonly MetaField[] | null;
  readonly line: number;
  readonly text: string;
  readonly version: string;
}

const TYPES: readonly string[] = ["Integer", "Float", "Flag", "Character", "String"];
const FORMAT_TYPES = TYPES.filter((name) => name !== "Flag");
const ALT_PREFIXES: readonly string[] = [
  "DEL",
  "INS",
  "DUP",
  "INV",
  "CNV",
  "BND",
  "CN",
  "NON_REF",
  "*",
  "CNV:TR",
  "TR",
];
const NUMBER = /^(?:\d+|A|R|G|\.|P|LA|LR|LG|M)$/;
const NUMBER_TEXT = "Number to be a count, A, R, G or a dot";
const ORDER: readonly string[] = ["ID", "Number", "Type", "Description"];

function refused(from: StructuredLine, expected: string): Error {
  return headerFault(from.line, `##${from.key}`, expected, from.text);
}

function valueOf(fields: readonly MetaField[], name: string): string | null {
  return fields.find(({ key }) => key === name)?.value ?? null;
}

function identified(from: StructuredLine): readonly MetaField[] {
  const { fields } = from;
  if (fields === null) throw refused(from, "a structured value: <ID=…>");
  if (fields[0]?.key !== "ID" || fields[0].value === "") throw refused(from, "ID as the first field");
  return fields;
}

function described(from: StructuredLine): readonly MetaField[] {
  const fields = identified(from);
  if (!fields.some(({ key, isQuoted }) => key === "Description" && isQuoted))
    throw refused(from, "a Description in double quotes");
  return fields;
}

function checkOrder(from: StructuredLine, fields: readonly MetaField[]): void {
  const places = fields.map(({ key }) => ORDER.indexOf(key)).filter((place) => place >= 0);
  if (places.some((place, index) => index > 0 && place <= (places[index - 1] ?? 0))) {
    throw refused(from, "the fields ID, Number, Type, Description in this order, each once");
  }
}

/** `##INFO` or `##FORMAT`. A key the specification reserves keeps its number and type. */
export function fieldDefinition(from: StructuredLine): FieldDefinition {
  const fields = described(from);
  checkOrder(from, fields);
  const number = valueOf(fields, "Number") ?? "";
  const type = valueOf(fields, "Type") ?? "";
  if (!NUMBER.test(number)) throw refused(from, NUMBER_TEXT);
  const allowed = from.key === "INFO" ? TYPES : FORMAT_TYPES;
  if (!allowed.includes(type)) throw refused(from, `Type to be one of ${allowed.join(", ")}`);
  const definition: FieldDefinition = {
    id: valueOf(fields, "ID") ?? "",
    number: /^\d+$/.test(number) ? Number(number) : number,
    type: type as FieldType,
  };
  const reserved = (from.key === "INFO" ? reservedInfo(from.version) : reservedFormat(from.version)).get(definition.id);
  if (reserved === undefined) return definition;
  // A dot says less than the reserved number, nothing wrong: callers do write it.
  const isNumbered = definition.number === "." || reserved.numbers.includes(definition.number);
  if (!isNumbered || !reserved.types.includes(definition.type)) {
    const numbers = reserved.numbers.map(String).join(" or ");
    throw refused(from, `${definition.id} to have Number=${numbers}, Type=${reserved.types.join(" or ")}`);
  }
  return definition;
}

export function filterDefinition(from: StructuredLine): FilterDefinition {
  const fields = described(from);
  const id = valueOf(fields, "ID") ?? "";
  if (id === "0") throw refused(from, "an ID other than 0");
  return { id, description: valueOf(fields, "Description") ?? "" };
}

export function checkAlt(from: StructuredLine): void {
  const fields = described(from);
  checkOrder(from, fields);
  const id = valueOf(fields, "ID") ?? "";
  if (/[<>\s,]/.test(id)) throw refused(from, "an ID without white space, commas and angle brackets");
  if (id.includes(":") && !ALT_PREFIXES.includes(id.split(":")[0] ?? "")) {
    throw refused(from, "an ID that starts with DEL, INS, DUP, INV, CNV or BND");
  }
  if (!NUMBER.test(valueOf(fields, "Number") ?? ".")) throw refused(from, NUMBER_TEXT);
  if (!TYPES.includes(valueOf(fields, "Type") ?? "String"))
    throw refused(from, `Type to be one of ${TYPES.join(", ")}`);
}

/** HLA contigs of GRCh38 analysis sets carry `*` and `:` in their names; others may not. */
function checkName(from: StructuredLine, id: string): void {
  if (/[\s,<>[\]()"'`{}\\]/.test(id) || (/[*:]/.test(id) && !id.startsWith("HLA-"))) {
    throw refused(from, "an ID of the characters the specification allows");
  }
}

export function contigDefinition(from: StructuredLine): StatedContig {
  const fields = identified(from);
  const id = valueOf(fields, "ID") ?? "";
  checkName(from, id);
  const length = valueOf(fields, "length");
  if (length !== null && !/^\d{1,15}$/.test(length)) throw refused(from, "length to be an integer");
  return { id, length: length === null ? null : Number(length), assembly: valueOf(fields, "assembly") };
}

export function checkSample(from: StructuredLine): void {
  const fields = identified(from);
  checkName(from, valueOf(fields, "ID") ?? "");
  if (isSince43(from.version)) return;
  for (const name of ["Genomes", "Mixture"]) if (valueOf(fields, name) === null) throw refused(from, `a field ${name}`);
  described(from);
}

export function checkMeta(from: StructuredLine): void {
  const fields = identified(from);
  if (!NUMBER.test(valueOf(fields, "Number") ?? "")) throw refused(from, "Number to be a count or a dot");
  if (!TYPES.includes(valueOf(fields, "Type") ?? "")) throw refused(from, `Type to be one of ${TYPES.join(", ")}`);
  if (!/^\[.*\]$/.test(valueOf(fields, "Values") ?? "")) throw refused(from, "Values in square brackets");
}

export function checkPedigree(from: StructuredLine): void {
  if (from.fields === null) throw refused(from, "a structured value");
  if (isSince43(from.version)) identified(from);
}

const ADDRESSES: readonly RegExp[] = [
  /^(?:https?|ftp|file):\/\/[A-Za-z][^\s:/]*(?::\d+)?(?:\/|$)/,
  /^(?:https?|ftp):\/\/\d+\.\d+\.\d+\.\d+(?::\d+)?(?:\/|$)/,
  /^file:\/\/\//,
  /^[^\s:<>]+$/,
];

/** `##assembly` and `##pedigreeDB`: a URL or a path. */
export function checkAddress(from: StructuredLine, value: string): void {
  const address = from.key === "pedigreeDB" ? value.replace(/^<(.*)>$/, "$1") : value;
  if (!ADDRESSES.some((pattern) => pattern.test(address))) throw refused(from, "an address");
}
