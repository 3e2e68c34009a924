import type { Clock } from "../clock.js";
import { exitOf, type Endpoint, type GraphQLAnswer } from "./client.js";
import { EXIT, failure, isCliFailure } from "./output.js";

export interface SenderOptions {
  /** Asked before every attempt: a service that was started again may have another address and token. */
  readonly target: () => Promise<Endpoint>;
  /** Name of the source whose records they are. */
  readonly source: string;
  /** How long a service that is away is waited for, in milliseconds. */
  readonly patienceMs: number;
  readonly onRetry: (reason: string) => void;
  readonly clock: Clock;
  /** Ends the waiting, never a request that is on its way. */
  readonly signal: AbortSignal;
}

export interface LineSender {
  /**
   * Sends lines of NDJSON, made up or replayed, as one submission; resolves once the service has them durably. Sent again with
   * the same key until they are, so that nothing is lost and nothing is taken twice.
   */
  send(lines: string, key: string): Promise<void>;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;
/** Longer than a service takes for what is sent here: one that hangs is tried again. */
const ANSWER_MS = 30_000;

export function createLineSender(options: SenderOptions): LineSender {
  const { source, clock, signal } = options;

  /** Null once they are there, else why to try again; throws what trying again does not help. */
  async function attempt(lines: string, key: string): Promise<string | null> {
    const { url, token } = await options.target();
    const path = `/observations?source=${encodeURIComponent(source)}&simulated=true`;
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/x-ndjson",
      "idempotency-key": key,
    };
    let response: Response;
    let answer: GraphQLAnswer | null;
    try {
      const body = { method: "POST", headers, body: lines, signal: AbortSignal.timeout(ANSWER_MS) };
      response = await fetch(new URL(path, url), body);
      answer = (await response.json().catch(() => null)) as GraphQLAnswer | null;
    } catch (thrown) {
      const cause = (thrown as { cause?: { code?: string } }).cause?.code ?? "";
      return `cannot reach ${url}${cause === "" ? "" : ` (${cause})`}`;
    }
    if (response.ok) return null;
    const [fault] = answer?.errors ?? [];
    const said = `${fault?.extensions?.code ?? `HTTP ${String(response.status)}`}: ${fault?.message ?? "no reason given"}`;
    if (fault?.extensions?.canRetry === true || response.status === 429 || response.status >= 500) return said;
    throw failure(fault === undefined ? EXIT.failed : exitOf(fault), said);
  }

  return {
    async send(lines, key) {
      const lostAt = clock.now();
      for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
        const reason = await attempt(lines, key);
        if (reason === null) return;
        if (signal.aborted) throw failure(EXIT.interrupted, `interrupted; not sent: ${reason}`);
        if (clock.now() - lostAt >= options.patienceMs) throw failure(EXIT.unreachable, reason);
        options.onRetry(reason);
        await clock.sleep(waitMs, signal).catch(() => undefined);
      }
    },
  };
}

export function isInterruption(thrown: unknown): boolean {
  return isCliFailure(thrown) && thrown.code === EXIT.interrupted;
}
