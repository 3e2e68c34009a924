/** What one event of a stream became, for any number of subscribers over any transport. */
export interface Answer {
  /** A GraphQL result. */
  readonly json: string;
  /** Where to resume behind it; null where the stream has no places. */
  readonly cursor: string | null;
}

/** The bytes of an answer on one transport, made once however many get it. */
export function createFraming(frame: (answer: Answer) => string): (answer: Answer) => Buffer {
  const made = new WeakMap<Answer, Buffer>();
  return (answer) => {
    const known = made.get(answer);
    if (known !== undefined) return known;
    const bytes = Buffer.from(frame(answer));
    made.set(answer, bytes);
    return bytes;
  };
}
