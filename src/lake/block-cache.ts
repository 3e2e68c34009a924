/** Decoded blocks of any number of indexes, bounded together; the least recently used go first. */
export interface BlockCache {
  /** A number no other user of this cache has: the first part of its keys. */
  register(): number;
  get(owner: number, block: number): Buffer | undefined;
  /** A block larger than the cache is not kept. */
  set(owner: number, block: number, bytes: Buffer): void;
  /** Forgets every block of an owner. */
  drop(owner: number): void;
  /** Bytes held. */
  readonly bytes: number;
}

/** Blocks per owner that a key has room for: 2^24 blocks are two billion entries. */
const BLOCKS = 2 ** 24;
/** What a held block costs beside its bytes. */
const OVERHEAD = 200;

export function createBlockCache(maxBytes: number): BlockCache {
  const held = new Map<number, Buffer>();
  let owners = 0;
  let total = 0;
  const forget = (key: number, block: Buffer): void => {
    held.delete(key);
    total -= block.length + OVERHEAD;
  };
  return {
    register: () => owners++,
    get(owner, block) {
      const key = owner * BLOCKS + block;
      const found = held.get(key);
      if (found === undefined) return undefined;
      held.delete(key);
      held.set(key, found);
      return found;
    },
    set(owner, block, bytes) {
      if (bytes.length + OVERHEAD > maxBytes) return;
      const key = owner * BLOCKS + block;
      const before = held.get(key);
      if (before !== undefined) forget(key, before);
      held.set(key, bytes);
      total += bytes.length + OVERHEAD;
      for (const [oldest, old] of held) {
        if (total <= maxBytes) break;
        forget(oldest, old);
      }
    },
    drop(owner) {
      for (const [key, block] of held) if (Math.floor(key / BLOCKS) === owner) forget(key, block);
    },
    get bytes() {
      return total;
    },
  };
}
