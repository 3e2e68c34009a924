/** The five characters a message divides itself with, as its MSH-1 and MSH-2 say. */
interface Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
}

export interface Hl7Segment {
  readonly name: string;
  /** As it came, without its end. */
  readonly text: string;
  /** How often a field is repeated; 0 where it is empty. */
  count(field: number): number;
  /** A part, 1-based but for the repetition, unescaped and trimmed; null where it is empty or `""`. */
  at(field: number, component?: number, repetition?: number, subcomponent?: number): string | null;
  /** A whole field as it came. */
  raw(field: number): string;
}

export interface Hl7Message {
  readonly kind: "message";
  readonly text: string;
  /** `ORU`, `ADT`. */
  readonly type: string;
  /** `R01`, `A40`. */
  readonly trigger: string;
  readonly controlId: string | null;
  /** Sent for training or debugging: nobody was measured. */
  readonly isTraining: boolean;
  readonly segments: readonly Hl7Segment[];
}

/** A message that cannot be read; `field` such as `MSH-2`. */
export interface Hl7Fault {
  readonly kind: "fault";
  readonly text: string;
  readonly field: string;
  readonly expected: string;
}

const ENVELOPE = ["FHS", "BHS", "BTS", "FTS"];
const SEGMENT = /^[A-Z][A-Z0-9]{2}$/;
const MOST_SEGMENTS = 5000;

/**
 * Every message of a text in HL7 version 2 (ER7), in order: one, a batch, or a stream in MLLP frames; segments end in CR, LF
 * or both. What cannot be read stands in its place. Nothing is known here of what a segment means.
 */
export function parseMessages(text: string): readonly (Hl7Message | Hl7Fault)[] {
  const lines = text
    .replace(/^\uFEFF/, "")
    .replace(/[\u000b\u001c]/g, "\r")
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== "" && !ENVELOPE.includes(line.slice(0, 3)));
  const messages: string[][] = [];
  for (const line of lines) {
    const current = messages.at(-1);
    if (line.startsWith("MSH") || current === undefined) messages.push([line]);
    else current.push(line);
  }
  return messages.map(parseMessage);
}

function parseMessage(lines: readonly string[]): Hl7Message | Hl7Fault {
  const text = lines.join("\r");
  const fault = (field: string, expected: string): Hl7Fault => ({ kind: "fault", text, field, expected });
  const [header = ""] = lines;
  if (!header.startsWith("MSH")) return fault("MSH", "a message that begins with MSH");
  if (lines.length > MOST_SEGMENTS) return fault("message", `at most ${String(MOST_SEGMENTS)} segments`);
  const field = header.charAt(3);
  const [component = "", repetition = "", escape = "", subcomponent = ""] = header.slice(4).split(field, 1)[0] ?? "";
  const delimiters = { field, component, repetition, escape, subcomponent };
  const all = Object.values(delimiters);
  if (new Set(all).size < all.length || all.some((one) => one === "" || /[A-Za-z0-9\s"]/.test(one))) {
    return fault("MSH-2", "four different characters, such as ^~\\&");
  }
  const names = lines.map((line) => line.slice(0, 3));
  const wrong = lines.findIndex((line, at) => !SEGMENT.test(names[at] ?? "") || !["", field].includes(line.charAt(3)));
  if (wrong >= 0) return fault(`segment ${String(wrong + 1)}`, "a segment name and its fields");
  const segments = lines.map((line, at) => segmentOf(names[at] ?? "", line, delimiters));
  const own = segments[0]!;
  const type = own.at(9);
  if (type === null) return fault("MSH-9", "a type of message");
  return {
    kind: "message",
    text,
    type,
    trigger: own.at(9, 2) ?? "",
    controlId: own.at(10),
    isTraining: ["T", "D"].includes(own.at(11) ?? ""),
    segments,
  };
}

function segmentOf(name: string, text: string, delimiters: Delimiters): Hl7Segment {
  const parts = text.split(delimiters.field);
  // MSH-1 is the first delimiter itself.
  const shift = name === "MSH" ? 1 : 0;
  const raw = (field: number): string => parts[field - shift] ?? "";
  const repetitions = (field: number): readonly string[] =>
    raw(field) === "" ? [] : raw(field).split(delimiters.repetition);
  return {
    name,
    text,
    raw,
    count: (field) => repetitions(field).length,
    at(field, component = 1, repetition = 0, subcomponent = 1) {
      const part = repetitions(field)[repetition]?.split(delimiters.component)[component - 1];
      const value = part?.split(delimiters.subcomponent)[subcomponent - 1]?.trim() ?? "";
      return value === "" || value === '""' ? null : unescape(value, delimiters);
    },
  };
}

/** Escapes that stand for characters; those that only change how a text looks go. */
function unescape(text: string, { field, component, repetition, escape, subcomponent }: Delimiters): string {
  if (!text.includes(escape)) return text;
  const [first, ...rest] = text.split(escape);
  let whole = first ?? "";
  for (let at = 0; at < rest.length; at += 1) {
    const code = rest[at] ?? "";
    // A last one that nothing closes is a character.
    if (at === rest.length - 1) {
      whole += at % 2 === 0 ? escape + code : code;
    } else if (at % 2 === 1) whole += code;
    else if (code === "F") whole += field;
    else if (code === "S") whole += component;
    else if (code === "R") whole += repetition;
    else if (code === "E") whole += escape;
    else if (code === "T") whole += subcomponent;
    else if (code === ".br") whole += "\n";
    else if (/^X(?:[0-9A-Fa-f]{2})+$/.test(code)) whole += Buffer.from(code.slice(1), "hex").toString("latin1");
    else if (code !== "H" && code !== "N") whole += escape + code + escape;
  }
  return whole;
}
