import { setImmediate } from "node:timers/promises";
import type { LoggedEvent } from "../../backend/index.js";
import { createWindowFold } from "../../domain/window/fold.js";
import { messageOf } from "../../errors.js";
import { parseAccepted, VITALS_WINDOWED } from "../../ingest/streams/observation.js";
import type { Log } from "../../log.js";
import type { LoopBody, LoopState } from "./partition-loop.js";

export interface WindowsOptions {
  readonly state: LoopState;
  readonly log: Log;
  /** A reading could not be read: the others go on, and the service says that it is not well. */
  readonly onFault: (what: string) => void;
}

/** Windows computed before others get a turn. */
const TURN = 64;

/** Accepted readings of one partition become windows; of those that change in one step each is written once, as it then is. */
export function createWindows({ state, log, onFault }: WindowsOptions): LoopBody {
  const fold = createWindowFold(state);

  function take(event: LoggedEvent): void {
    try {
      fold.take(parseAccepted(event), event.offset);
    } catch (thrown) {
      const { topic, partition, offset } = event;
      log.error(
        { topic, partition, offset: String(offset), cause: messageOf(thrown) },
        "what is no reading was passed over",
      );
      onFault(`${topic}, partition ${String(partition)}, offset ${String(offset)} is no reading`);
    }
  }

  return {
    async step(events, _now, writes) {
      for (const event of events) take(event);
      let computed = 0;
      for (const window of fold.changed()) {
        writes.append(VITALS_WINDOWED, { key: window.patientId, value: window });
        computed += 1;
        // Alerts do not wait for the means of everybody.
        if (computed % TURN === 0) await setImmediate();
      }
    },
    nextDue: () => null,
  };
}
