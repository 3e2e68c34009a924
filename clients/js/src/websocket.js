import { createClient } from "graphql-ws";

/** @import { Answer, ConnectionRequest, Fault, Signal } from "./connection.js" */

/** Closing codes after which the same client is refused again. */
const FINAL_CODES = new Set([4400, 4401, 4406, 4409, 4429]);
const FORBIDDEN = 4403;

/**
 * One connection over graphql-transport-ws; answers how it is closed.
 *
 * @param {ConnectionRequest} request
 * @param {unknown} webSocket
 */
export function connectWebSocket({ url, token, query, variables, onSignal }, webSocket) {
  const client = createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: quiet(/** @type {typeof WebSocket} */ (webSocket)),
    connectionParams: { token },
    retryAttempts: 0,
  });
  client.subscribe(
    { query, variables },
    {
      next: (answer) => {
        onSignal({ kind: "answer", answer: /** @type {Answer} */ (answer) });
      },
      error: (thrown) => {
        onSignal(
          Array.isArray(thrown) ? { kind: "refused", errors: /** @type {Fault[]} */ (thrown) } : closingOf(thrown),
        );
      },
      complete: () => {
        onSignal({ kind: "closed", reason: "the service ended the stream", isFinal: false, isToken: false });
      },
    },
  );
  return () => {
    // Not dispose: it waits for an answer that a dead peer does not give.
    client.terminate();
  };
}

/**
 * A socket that is given up before it was open says so by an error event. The library listens no longer then, and in Node
 * an error event that nobody listens to ends the process.
 *
 * @param {typeof WebSocket} implementation
 */
function quiet(implementation) {
  return class extends implementation {
    constructor(/** @type {ConstructorParameters<typeof WebSocket>} */ ...given) {
      super(...given);
      this.addEventListener("error", () => {});
    }
  };
}

/** @returns {Signal} */
function closingOf(/** @type {unknown} */ thrown) {
  const { code, reason, message } = /** @type {{ code?: unknown, reason?: unknown, message?: unknown }} */ (
    thrown ?? {}
  );
  const told = typeof reason === "string" && reason !== "" ? reason : typeof message === "string" ? message : "";
  const isFinal = typeof code === "number" && FINAL_CODES.has(code);
  const text = told === "" ? "the connection was lost" : told;
  return {
    kind: "closed",
    reason: isFinal ? `${text} (${String(code)})` : text,
    isFinal,
    isToken: code === FORBIDDEN,
  };
}
