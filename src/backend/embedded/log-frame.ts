/** What one frame of the journal holds: events, and at most one consumer's progress. */
export interface FrameEvent {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The value as JSON text. */
  readonly json: string;
}

export interface FrameProgress {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: bigint;
  readonly state: readonly (readonly [key: string, value: unknown])[];
}

export interface Frame {
  readonly events: readonly FrameEvent[];
  readonly progress: FrameProgress | null;
}

/**
 * Layout: length of the head, head as JSON, then the events' values one after another. The stored bytes of a
 * value are the bytes a reader gets.
 */
export function encodeFrame(frame: Frame): { readonly payload: Buffer; readonly values: readonly { start: number; length: number }[] } {
  const bodies = frame.events.map((event) => Buffer.from(event.json));
  const head = Buffer.from(
    JSON.stringify({
      e: frame.events.map((event, index) => [
        event.topic,
        event.partition,
        event.offset.toString(),
        event.key,
        event.at,
        bodies[index]?.length ?? 0,
      ]),
      p:
        frame.progress === null
          ? null
          : [frame.progress.consumer, frame.progress.topic, frame.progress.partition, frame.progress.next.toString(), frame.progress.state],
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  let start = 4 + head.length;
  const values = bodies.map((body) => {
    const place = { start, length: body.length };
    start += body.length;
    return place;
  });
  return { payload: Buffer.concat([length, head, ...bodies]), values };
}

type Head = {
  readonly e: readonly [string, number, string, string, number, number][];
  readonly p: [string, string, number, string, [string, unknown][]] | null;
};

export function decodeFrame(payload: Buffer): { readonly frame: Frame; readonly values: readonly { start: number; length: number }[] } {
  const headBytes = payload.readUInt32LE(0);
  const head = JSON.parse(payload.toString("utf8", 4, 4 + headBytes)) as Head;
  let start = 4 + headBytes;
  const values: { start: number; length: number }[] = [];
  const events = head.e.map(([topic, partition, offset, key, at, length]): FrameEvent => {
    values.push({ start, length });
    const json = payload.toString("utf8", start, start + length);
    start += length;
    return { topic, partition, offset: BigInt(offset), key, at, json };
  });
  const progress =
    head.p === null
      ? null
      : { consumer: head.p[0], topic: head.p[1], partition: head.p[2], next: BigInt(head.p[3]), state: head.p[4] };
  return { frame: { events, progress }, values };
}
