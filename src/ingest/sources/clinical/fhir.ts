import { VitalomeError } from "../../../errors.js";
import { decompress } from "../vcf/input.js";
import { lineWindows } from "../vcf/lines.js";
import { VCF_LIMITS } from "../vcf/types.js";
import { DEPTH, isNestedDeeper } from "./nesting.js";
import { isSimulated, rowsOfResource, type ResourceContext } from "./resources.js";
import { CLINICAL_RULES, fault, isFault, rejectionOf, type ClinicalOptions, type ClinicalSink } from "./types.js";
import { dateAt, isObject, objectAt, textAt, type Json } from "./values.js";

const LINE_BYTES = 16 << 20;
const BUNDLE_BYTES = 256 << 20;

/**
 * Reads FHIR R4 as NDJSON (one resource a line, memory does not grow with the file) or as one Bundle (up to 256 MiB,
 * read whole), plain or compressed. Each record ends in `record`, `filter` or `reject`. INGEST_REJECTED for a file that
 * is neither.
 */
export async function readFhir(
  chunks: AsyncIterable<Uint8Array>,
  sink: ClinicalSink,
  { sampleSystems, signal }: ClinicalOptions,
): Promise<{ readonly recordsRead: number }> {
  let bytesRead = 0;
  let recordsRead = 0;
  let line = 0;
  const none = new Map<string, string>();
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytesRead += chunk.length;
      yield chunk;
    }
  };

  /** One record: what breaks a rule inside goes to quarantine. */
  function take(
    raw: string,
    read: () => { resource: unknown; entries: ReadonlyMap<string, string> },
    place = "",
  ): void {
    recordsRead += 1;
    try {
      const { resource, entries } = read();
      if (!isObject(resource)) throw fault("record", "JSON", resource);
      convert(resource, raw, { entries, sampleSystems });
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      sink.reject(rejectionOf({ ...thrown, field: `${place}${thrown.field}` }, line, raw));
    }
  }

  function convert(resource: Json, raw: string, context: ResourceContext): void {
    const rows = rowsOfResource(resource, context);
    if (rows === null) {
      sink.filter(`UNSUPPORTED_RESOURCE: ${(textAt(resource, "resourceType") ?? "").slice(0, 64)}`);
    } else if (rows.length === 0) sink.filter("NO_SAMPLE_IDENTIFIER");
    else {
      const meta = objectAt(resource, "meta");
      const lastUpdated = meta === null ? null : dateAt(meta, "lastUpdated", "meta.lastUpdated");
      sink.record({ line, raw, lastUpdated, simulated: isSimulated(resource), rows });
    }
  }

  function takeLine(text: string, tooLong: boolean): void {
    if (text.trim() === "") return;
    const isDeep = isNestedDeeper(text, DEPTH);
    const parsed = tooLong || isDeep ? undefined : parseJson(text);
    if (isObject(parsed) && parsed["resourceType"] === "Bundle") {
      const own = line;
      takeBundle(parsed);
      line = own;
      return;
    }
    take(text, () => {
      if (tooLong) throw fault("record", "LINE_TOO_LONG", "a longer one");
      if (text.includes("\uFFFD")) throw fault("record", "ENCODING", "other bytes");
      if (isDeep) throw fault("record", "DEPTH", text);
      if (parsed === undefined) throw fault("record", "JSON", text);
      return { resource: parsed, entries: none };
    });
  }

  function takeBundle(bundle: Json): void {
    const list: unknown = bundle["entry"] ?? [];
    if (!Array.isArray(list)) throw refused("entry", "a list of entries");
    const entries = entryIds(list as readonly unknown[]);
    for (const [index, entry] of (list as readonly unknown[]).entries()) {
      line = index + 1;
      const resource = isObject(entry) ? entry["resource"] : entry;
      const raw = JSON.stringify(resource ?? entry);
      take(raw, () => ({ resource, entries }), `entry[${String(index)}].`);
    }
  }

  const held: Buffer[] = [];
  let heldBytes = 0;
  let layout: "unknown" | "lines" | "document" = "unknown";
  for await (const { text, tooLong } of lineWindows(decompress(counted(), VCF_LIMITS), LINE_BYTES)) {
    signal?.throwIfAborted();
    if (layout === "unknown") layout = layoutOf(text);
    if (layout === "document") {
      heldBytes += text.length;
      if (tooLong || heldBytes > BUNDLE_BYTES) {
        throw refused("Bundle", "lines of at most 16 MiB, 256 MiB in all: give larger data as NDJSON");
      }
      held.push(Buffer.from(text));
    } else {
      for (let at = 0; at < text.length;) {
        const newline = text.indexOf(10, at);
        const end = newline < 0 ? text.length : newline;
        line += 1;
        takeLine(withoutMark(text.toString("utf8", at, end)), tooLong);
        at = end + 1;
      }
    }
    await sink.flush(bytesRead);
  }
  if (layout === "unknown") throw refused("record", "FHIR R4 as NDJSON or a Bundle; the file is empty");
  if (layout === "document") {
    const whole = withoutMark(Buffer.concat(held).toString("utf8"));
    if (isNestedDeeper(whole, DEPTH)) throw refused("Bundle", CLINICAL_RULES.DEPTH);
    const document = parseJson(whole);
    if (document === undefined) throw refused("Bundle", "JSON");
    line = 1;
    if (isObject(document) && document["resourceType"] === "Bundle") takeBundle(document);
    else take(whole, () => ({ resource: document, entries: none }));
    await sink.flush(bytesRead);
  }
  return { recordsRead };
}

/** A first line that is a whole JSON value makes lines; one that only begins an object makes one document. */
function layoutOf(text: Buffer): "lines" | "document" {
  if (
    !withoutMark(text.toString("utf8", 0, 4096))
      .trimStart()
      .startsWith("{")
  )
    throw refused("record", "FHIR R4 as NDJSON or a Bundle: a line that begins with {");
  const end = text.indexOf(10);
  const first = withoutMark(text.toString("utf8", 0, end < 0 ? text.length : end));
  if (parseJson(first) !== undefined) return "lines";
  // A first line that is damaged is one record; one that ends inside an object goes on in the next.
  const rest = end < 0 ? "" : text.toString("utf8", end + 1, Math.min(text.length, end + 4096)).trimStart();
  return rest.startsWith("{") && !/[{[,:]\s*$/.test(first) ? "lines" : "document";
}

/** `fullUrl` of each entry to `Type/id`, so that references inside the Bundle can be followed. */
function entryIds(list: readonly unknown[]): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const entry of list) {
    const resource = isObject(entry) ? entry["resource"] : null;
    if (!isObject(entry) || !isObject(resource)) continue;
    const { fullUrl } = entry;
    const { resourceType, id } = resource;
    if (typeof fullUrl === "string" && typeof resourceType === "string" && typeof id === "string") {
      ids.set(fullUrl, `${resourceType}/${id}`);
    }
  }
  return ids;
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, "");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(field: string, expected: string): VitalomeError {
  return new VitalomeError("INGEST_REJECTED", `${field}: expected ${expected}`, {
    details: { field, expected, line: 1 },
  });
}
