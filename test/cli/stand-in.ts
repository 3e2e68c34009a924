import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** What the service was asked: uploads by name, operations by their name in the document. */
export interface Asked {
  readonly uploads: { readonly name: string; readonly bytes: number }[];
  readonly operations: { readonly name: string; readonly variables: Record<string, unknown> }[];
}

export interface StandIn {
  readonly url: string;
  readonly asked: Asked;
  close(): Promise<void>;
}

export interface Answer {
  readonly data?: object;
  readonly errors?: readonly object[];
}

/** By the operation's name; a function answers by the variables. */
export type Answers = Readonly<Record<string, Answer | ((variables: Record<string, unknown>) => Answer)>>;

export const TOKEN = "aaa.bbb.ccc";

/** Answers the operations the command line sends, by their names; for formats and exit codes only. */
export async function startStandIn(answers: Answers): Promise<StandIn> {
  const asked: Asked = { uploads: [], operations: [] };
  const server = createServer((request, response) => {
    void answer(request, response);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const address = new URL(request.url ?? "", "http://stand-in");
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      send(response, 401, fault("UNAUTHENTICATED", "a valid bearer token is required"));
    } else if (request.method === "PUT") {
      const name = address.searchParams.get("name") ?? "";
      asked.uploads.push({ name, bytes: body.length });
      send(response, 201, { id: `raw:${String(asked.uploads.length)}/${name}`, bytes: body.length });
    } else {
      const { query, variables = {} } = JSON.parse(body.toString()) as {
        query: string;
        variables?: Record<string, unknown>;
      };
      const name = /(?:query|mutation) (\w+)/.exec(query)?.[1] ?? query;
      asked.operations.push({ name, variables });
      const given = answers[name] ?? fault("GRAPHQL_VALIDATION_FAILED", `no answer for ${name}`);
      send(response, 200, typeof given === "function" ? given(variables) : given);
    }
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/graphql`,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export function fault(code: string, message: string): Answer {
  return { errors: [{ message, extensions: { code } }] };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
