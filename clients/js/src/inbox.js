/** @import { FollowClock } from "./index.js" */

/**
 * What arrives, in order, for one who waits for it until a deadline.
 *
 * @template T
 * @param {FollowClock} clock
 * @param {AbortSignal} signal
 */
export function createInbox(clock, signal) {
  /** @type {T[]} */
  const arrived = [];
  let wake = () => {};
  const onAbort = () => {
    wake();
  };
  signal.addEventListener("abort", onAbort);
  return {
    push(/** @type {T} */ came) {
      arrived.push(came);
      wake();
    },
    /** @returns {Promise<T | "silent" | "aborted">} */
    async take(/** @type {number} */ deadline) {
      const timer = new AbortController();
      try {
        for (;;) {
          if (signal.aborted) return "aborted";
          const came = arrived.shift();
          if (came !== undefined) return came;
          if (clock.now() >= deadline) return "silent";
          await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
            wake = resolve;
            clock.sleep(deadline - clock.now(), timer.signal).then(resolve, () => {});
          });
        }
      } finally {
        timer.abort(new Error("taken"));
      }
    },
    close() {
      signal.removeEventListener("abort", onAbort);
    },
  };
}
