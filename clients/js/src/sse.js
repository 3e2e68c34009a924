/** @import { Answer, ConnectionRequest } from "./connection.js" */

const REFUSED_TOKEN = 401;

/**
 * One connection over server-sent events, at `/stream` below the address; answers how it is closed.
 *
 * @param {ConnectionRequest} request
 */
export async function connectSse({ url, token, query, variables, onSignal }) {
  const { createClient } = await import("graphql-sse");
  const client = createClient({
    url: `${url.replace(/\/+$/, "")}/stream`,
    headers: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  const close = client.subscribe(
    { query, variables },
    {
      next: (answer) => {
        onSignal({ kind: "answer", answer: /** @type {Answer} */ (answer) });
      },
      error: (thrown) => {
        const { message, response } = /** @type {{ message?: unknown, response?: { status?: number } }} */ (
          thrown ?? {}
        );
        const isToken = response?.status === REFUSED_TOKEN;
        const told = typeof message === "string" && message !== "" ? message : "the connection was lost";
        onSignal({
          kind: "closed",
          reason: isToken ? "a valid bearer token is required" : told,
          isFinal: false,
          isToken,
        });
      },
      complete: () => {
        onSignal({ kind: "closed", reason: "the service ended the stream", isFinal: false, isToken: false });
      },
    },
  );
  return () => {
    close();
    client.dispose();
  };
}
