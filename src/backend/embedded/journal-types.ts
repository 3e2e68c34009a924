import type { FaultPoints } from "./files.js";
import type { FramePlace } from "./journal-segment.js";

export interface JournalPosition {
  readonly segment: number;
  readonly offset: number;
}

export interface JournalFrame {
  readonly place: FramePlace;
  readonly payload: Buffer;
}

/**
 * An append-only journal in segment files. A frame is whole or it is not there: what a crash cut short at the end
 * is removed when the journal is opened; damage to anything that was flushed is STORAGE_CORRUPT, never skipped.
 */
export interface Journal {
  /**
   * Durable on return, in the order given. STORAGE_FULL or BACKEND_UNAVAILABLE otherwise, and then none of them
   * is there; the next call works again once the cause is gone. One call at a time.
   */
  append(payloads: readonly Buffer[]): Promise<readonly FramePlace[]>;
  /** The payloads at these places, checked. Places close to one another are read together. */
  read(places: readonly FramePlace[]): Promise<readonly Buffer[]>;
  /** The base, 0 where there is none, and the segment that is being written. */
  readonly bounds: { readonly base: number; readonly current: number };
  /** The segment's frames in order; of the base's number, those of the base. */
  frames(segment: number): AsyncGenerator<JournalFrame>;
  sizeOf(segment: number): Promise<number>;
  /** The next append begins a new segment. */
  roll(): void;
  /**
   * Puts a base of these frames in the place of the old base and every segment up to `through`, which is no longer
   * written. `onPlaced` is called in the same step in which the frames take effect; when it throws, they do not.
   */
  replace(
    through: number,
    payloads: Iterable<Buffer>,
    onPlaced: (places: readonly FramePlace[]) => void,
  ): Promise<void>;
  close(): Promise<void>;
}

export interface JournalOptions {
  readonly directory: string;
  /** Frames before this position are known to the caller and are not read. Null: from the beginning. */
  readonly from: JournalPosition | null;
  /**
   * Called before `onFrames` when there is a base; answers the position to go on from, which lies after the base.
   * Default: what `from` says.
   */
  readonly onBase?: (through: number, frames: () => AsyncGenerator<JournalFrame>) => Promise<JournalPosition | null>;
  /** Called in order for every frame from `from` on before the journal opens; a batch holds at least one. */
  readonly onFrames: (frames: readonly JournalFrame[]) => Promise<void>;
  /** How many bytes an unfinished write left at the end; they have been removed. */
  readonly onTorn?: (bytes: number) => void;
  /** A segment that has reached this size is followed by the next one. Default 256 MiB. */
  readonly segmentBytes?: number;
  readonly faults?: FaultPoints | undefined;
}
