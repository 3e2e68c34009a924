import type { LoggedEvent } from "../../backend/index.js";
import type { KnowledgeFold } from "../../domain/alert/knowledge.js";
import { messageOf } from "../../errors.js";
import { parseRegistryChange } from "../../ingest/streams/registry.js";
import type { Log } from "../../log.js";

export interface RegisteredOptions {
  readonly knowledge: KnowledgeFold;
  readonly log: Log;
  /** An entry of the registry could not be read. */
  readonly onFault: (what: string) => void;
}

/** Takes an entry of the registry into what is known; one that nobody can read is told and passed over. */
export function takeRegistered(event: LoggedEvent, { knowledge, log, onFault }: RegisteredOptions): void {
  try {
    knowledge.apply(parseRegistryChange(event));
  } catch (thrown) {
    log.error({ offset: String(event.offset), cause: messageOf(thrown) }, "an entry of the registry was not read");
    onFault(`the entry of the registry at offset ${String(event.offset)} was not read`);
  }
}
