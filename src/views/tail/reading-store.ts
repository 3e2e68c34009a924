import type { VitalAccepted } from "../../domain/events/observation.js";
import { cellsOf, readingOf, type Cells, type StoredReading } from "./reading-cells.js";

/** Readings as bytes outside of the heap, some 200 each; a place names one for the life of the store. */
export interface ReadingStore {
  put(reading: VitalAccepted, offset: number): number;
  get(place: number): StoredReading;
  eventIdOf(place: number): string;
  /** The place of a patient's event, or undefined. */
  find(patientId: string, eventId: string): number | undefined;
  readonly size: number;
  readonly bytes: number;
}

const CHUNK = 1 << 20;
const HEAD = 12;
const FIRST_SLOTS = 1 << 10;
const EMPTY = -1;

export function createReadingStore(): ReadingStore {
  const chunks: Buffer[] = [];
  let used = CHUNK;
  let size = 0;
  let bytes = 0;
  const names: string[] = [];
  const numbers = new Map<string, number>();
  let slots = new Float64Array(FIRST_SLOTS).fill(EMPTY);
  let hashes = new Uint32Array(FIRST_SLOTS);

  function numberOf(text: string): number {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    names.push(text);
    numbers.set(text, names.length - 1);
    return names.length - 1;
  }

  const shared = (text: string | null): number => (text === null ? -1 : numberOf(text));
  const named = (number: number): string | null => names[number] ?? null;

  function at(place: number): { readonly chunk: Buffer; readonly start: number } {
    const chunk = chunks[Math.floor(place / CHUNK)];
    if (chunk === undefined) throw new RangeError("no reading lies there");
    return { chunk, start: place % CHUNK };
  }

  /** Head: bytes of the text, patient, bytes of the id; then the id, then the text. */
  function write(patient: number, id: Buffer, text: Buffer): number {
    const length = HEAD + id.length + text.length;
    if (used + length > CHUNK) {
      chunks.push(Buffer.allocUnsafeSlow(Math.max(CHUNK, length)));
      bytes += Math.max(CHUNK, length);
      used = 0;
    }
    const chunk = chunks.at(-1) ?? Buffer.alloc(0);
    const start = used;
    chunk.writeUInt32LE(text.length, start);
    chunk.writeUInt32LE(patient, start + 4);
    chunk.writeUInt32LE(id.length, start + 8);
    id.copy(chunk, start + HEAD);
    text.copy(chunk, start + HEAD + id.length);
    used += length;
    return (chunks.length - 1) * CHUNK + start;
  }

  function isSame(place: number, patient: number, id: Buffer): boolean {
    const { chunk, start } = at(place);
    if (chunk.readUInt32LE(start + 4) !== patient || chunk.readUInt32LE(start + 8) !== id.length) return false;
    return chunk.compare(id, 0, id.length, start + HEAD, start + HEAD + id.length) === 0;
  }

  /** The slot of the event, or the empty one where it would go. */
  function slotOf(hash: number, patient: number, id: Buffer): number {
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot] ?? EMPTY;
      if (place === EMPTY || (hashes[slot] === hash && isSame(place, patient, id))) return slot;
    }
  }

  function grow(): void {
    const [before, kept] = [slots, hashes];
    slots = new Float64Array(before.length * 2).fill(EMPTY);
    hashes = new Uint32Array(before.length * 2);
    const mask = slots.length - 1;
    before.forEach((place, from) => {
      if (place === EMPTY) return;
      const hash = kept[from] ?? 0;
      let slot = hash & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = place;
      hashes[slot] = hash;
    });
  }

  function idOf(place: number): string {
    const { chunk, start } = at(place);
    return chunk.toString("utf8", start + HEAD, start + HEAD + chunk.readUInt32LE(start + 8));
  }

  return {
    get size() {
      return size;
    },
    get bytes() {
      return bytes + slots.byteLength + hashes.byteLength;
    },
    put(reading, offset) {
      if (size * 4 >= slots.length * 3) grow();
      const patient = numberOf(reading.patientId);
      const id = Buffer.from(reading.eventId);
      const place = write(patient, id, Buffer.from(JSON.stringify(cellsOf(reading, offset, shared))));
      const hash = hashOf(patient, id);
      const slot = slotOf(hash, patient, id);
      slots[slot] = place;
      hashes[slot] = hash;
      size += 1;
      return place;
    },
    get(place) {
      const { chunk, start } = at(place);
      const from = start + HEAD + chunk.readUInt32LE(start + 8);
      const cells = JSON.parse(chunk.toString("utf8", from, from + chunk.readUInt32LE(start))) as Cells;
      return readingOf(idOf(place), named(chunk.readUInt32LE(start + 4)) ?? "", cells, named);
    },
    eventIdOf: idOf,
    find(patientId, eventId) {
      const patient = numbers.get(patientId);
      if (patient === undefined) return undefined;
      const id = Buffer.from(eventId);
      const place = slots[slotOf(hashOf(patient, id), patient, id)];
      return place === EMPTY ? undefined : place;
    },
  };
}

/** FNV-1a. */
function hashOf(patient: number, id: Buffer): number {
  let hash = 0x811c9dc5 ^ patient;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ (id[at] ?? 0), 0x01000193);
  return hash >>> 0;
}
