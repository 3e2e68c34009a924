/** Who wants to be called when; earliest first, equal times in the order of names. */
export interface DueQueue {
  /** Replaces what was wanted before; null: nothing. */
  set(name: string, due: number | null): void;
  /** The earliest time; null when nobody wants anything. */
  first(): number | null;
  /** Takes the earliest whose time has come. */
  takeDue(now: number): { readonly name: string; readonly due: number } | null;
}

interface Entry {
  readonly name: string;
  readonly due: number;
}

/** A binary heap whose overtaken entries are dropped when they come up. */
export function createDueQueue(): DueQueue {
  const heap: Entry[] = [];
  const wanted = new Map<string, number>();

  const isBefore = (left: Entry, right: Entry): boolean =>
    left.due < right.due || (left.due === right.due && left.name < right.name);

  function push(entry: Entry): void {
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  function pop(): void {
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }

  function top(): Entry | null {
    for (;;) {
      const entry = heap[0];
      if (entry === undefined) return null;
      if (wanted.get(entry.name) === entry.due) return entry;
      pop();
    }
  }

  return {
    set(name, due) {
      if (due === null) {
        wanted.delete(name);
        return;
      }
      if (wanted.get(name) === due) return;
      wanted.set(name, due);
      push({ name, due });
    },
    first: () => top()?.due ?? null,
    takeDue(now) {
      const entry = top();
      if (entry === null || entry.due > now) return null;
      pop();
      wanted.delete(entry.name);
      return entry;
    },
  };
}
