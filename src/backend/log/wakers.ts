/** Who waits for news of a topic. */
export interface Wakers<T> {
  /** Resolves when the topic is woken, the signal is aborted or this is closed. */
  wait(topic: T, signal: AbortSignal): Promise<void>;
  wake(topic: T): void;
  close(): void;
}

export function createWakers<T>(): Wakers<T> {
  const waiting = new Map<T, Set<() => void>>();
  let isClosed = false;
  const wake = (topic: T): void => {
    for (const one of waiting.get(topic) ?? []) one();
  };
  return {
    wait: (topic, signal) =>
      new Promise((resolve) => {
        const those = waiting.get(topic) ?? new Set();
        waiting.set(topic, those);
        const woken = (): void => {
          those.delete(woken);
          signal.removeEventListener("abort", woken);
          resolve();
        };
        those.add(woken);
        signal.addEventListener("abort", woken, { once: true });
        if (signal.aborted || isClosed) woken();
      }),
    wake,
    close() {
      isClosed = true;
      for (const topic of waiting.keys()) wake(topic);
    },
  };
}
