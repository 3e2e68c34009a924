import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import { ApolloServerPluginCacheControlDisabled } from "@apollo/server/plugin/disabled";
import { expressMiddleware } from "@as-integrations/express5";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import type { GraphQLSchema } from "graphql";
import helmet from "helmet";
import type { Keyring } from "../auth.js";
import type { RequestContext } from "../context.js";
import type { Caller } from "../domain/caller.js";
import { formatError } from "../error-format.js";
import { VitalomeError, isVitalomeError } from "../errors.js";
import type { CheckedOperation, Guard } from "../guard/check.js";
import type { Log } from "../log.js";
import type { Executor } from "./execution.js";
import { addExports, type Exports } from "./exports.js";
import { faultsOf } from "./faults.js";
import { addObservations } from "./observations.js";
import { BODY_BYTES, bearerOf, fileNameOf, operationOf, requestFault } from "./requests.js";
import type { SseStreams } from "./sse.js";

/** What is known of a request before GraphQL sees it. */
interface Admitted {
  readonly caller: Caller;
  readonly checked: CheckedOperation;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Uploads {
  /** Stores a stream whole and answers its id. */
  put(
    content: AsyncIterable<Uint8Array>,
    name: string,
    caller: Caller,
  ): Promise<{ readonly id: string; readonly bytes: number; readonly sha256: string }>;
}

export interface Readiness {
  readonly ready: boolean;
  readonly dependencies: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

export interface HttpOptions {
  readonly schema: GraphQLSchema;
  readonly guard: Guard;
  readonly executor: Executor;
  readonly keyring: Keyring;
  readonly uploads: Uploads;
  readonly exports: Exports;
  readonly streams: SseStreams;
  readonly readiness: () => Promise<Readiness>;
  readonly contextFor: (caller: Caller, requestId: string, signal: AbortSignal) => RequestContext;
  readonly log: Log;
}

export interface HttpApp {
  readonly app: Express;
  close(): Promise<void>;
}

/** How long a refused sender may go on before its connection is cut: long enough to read why. */
const LINGER_MS = 2_000;

/** The HTTP side: GraphQL, streams, uploads, readings, exports, health. Every answer but health needs a bearer token, and asks for it before it reads a body. */
export async function createHttpApp(options: HttpOptions): Promise<HttpApp> {
  const { keyring, log, guard } = options;
  const callers = new WeakMap<IncomingMessage, Caller>();
  // By signal: Apollo hands plugins a copy of the context, and the signal is one per request.
  const admitted = new WeakMap<AbortSignal, Admitted>();

  const authenticate: RequestHandler = async (request, _response, next) => {
    callers.set(request, await keyring.verifyToken(bearerOf(request)));
    next();
  };
  const callerOf = (request: IncomingMessage): Caller => {
    const caller = callers.get(request);
    if (caller === undefined) throw new VitalomeError("UNAUTHENTICATED", "a valid bearer token is required");
    return caller;
  };

  const apollo = new ApolloServer<RequestContext>({
    schema: options.schema,
    introspection: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    csrfPrevention: { requestHeaders: ["authorization", "x-apollo-operation-name", "apollo-require-preflight"] },
    // Parsed and validated by the guard already; Apollo finds the document here.
    documentStore: guardedDocuments(guard),
    plugins: [ApolloServerPluginCacheControlDisabled(), executionPlugin(options.executor, admitted)],
    // What the executor gave is formatted; the rest are Apollo's own refusals.
    formatError: (formatted, thrown) =>
      typeof formatted.extensions?.["requestId"] === "string" ? formatted : formatError(formatted, thrown, "", log),
    stopOnTerminationSignals: false,
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  await apollo.start();

  const checkedOf = new WeakMap<IncomingMessage, Omit<Admitted, "caller">>();
  const check: RequestHandler = (request, _response, next) => {
    const { query, operationName, variables } = operationOf(request);
    const transport = request.method === "GET" ? "http-get" : "http";
    checkedOf.set(request, { checked: guard.check({ source: query, operationName, variables, transport }), variables });
    next();
  };
  const graphql = expressMiddleware(apollo, {
    context: async ({ req, res }) => {
      const operation = checkedOf.get(req);
      if (operation === undefined) throw new VitalomeError("BAD_REQUEST", "the operation was not checked");
      const caller = callerOf(req);
      const gone = new AbortController();
      res.on("close", () => {
        if (!res.writableEnded) gone.abort(new VitalomeError("CANCELED", "the client went away"));
      });
      const context = options.contextFor(caller, String(res.locals["requestId"]), gone.signal);
      admitted.set(gone.signal, { caller, ...operation });
      return Promise.resolve(context);
    },
  });

  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.use(helmet());
  app.use((request, response, next) => {
    const given = request.header("x-request-id");
    const id = given !== undefined && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
    response.setHeader("x-request-id", id);
    response.locals["requestId"] = id;
    next();
  });
  addHealth(app, options.readiness);
  app.put("/files", authenticate, async (request, response) => {
    response.status(201).json(await options.uploads.put(request, fileNameOf(request), callerOf(request)));
  });
  addObservations(app, { authenticate, callerOf, contextFor: options.contextFor });
  addExports(app, { exports: options.exports, authenticate, callerOf, log });
  app.all("/graphql/stream", authenticate, express.json({ limit: BODY_BYTES }), async (request, response) => {
    await options.streams.handle(request, response, callerOf(request));
  });
  app.all("/graphql", authenticate, express.json({ limit: BODY_BYTES }), check, graphql);
  app.use((_request, _response, next) => {
    next(new VitalomeError("NOT_FOUND", "there is nothing at this path"));
  });
  app.use(answerFault(log));
  return { app, close: () => apollo.stop() };
}

/** Health alone, for a process that answers no questions. */
export function createHealthApp(readiness: HttpOptions["readiness"]): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(helmet());
  addHealth(app, readiness);
  return app;
}

function addHealth(app: Express, readiness: HttpOptions["readiness"]): void {
  app.get("/livez", (_request, response) => {
    response.json({ ok: true });
  });
  app.get("/readyz", async (_request, response) => {
    const state = await readiness();
    response.status(state.ready ? 200 : 503).json(state);
  });
}

function answerFault(log: Log): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const fault = requestFault(thrown);
    const { status, errors } = faultsOf(fault, String(response.locals["requestId"]), log);
    if (isVitalomeError(fault) && fault.code === "UNAUTHENTICATED") response.setHeader("www-authenticate", "Bearer");
    if (!request.complete) {
      // Who still sends is not listened to, but gets a moment to see the answer.
      request.resume();
      response.once("finish", () => {
        setTimeout(() => {
          if (!request.complete) request.destroy();
        }, LINGER_MS).unref();
      });
    }
    response.status(status).json({ errors });
  };
}

/** Apollo keeps HTTP's rules; the operation itself is run by the executor. */
function executionPlugin(
  executor: Executor,
  admitted: WeakMap<AbortSignal, Admitted>,
): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () =>
      Promise.resolve({
        async responseForOperation({ contextValue, response }) {
          const known = admitted.get(contextValue.signal);
          if (known === undefined) throw new VitalomeError("BAD_REQUEST", "the operation was not checked");
          const singleResult = await executor.execute(known.checked, known.variables, contextValue);
          contextValue.log.debug({ requestId: contextValue.requestId, cost: known.checked.cost }, "an operation ran");
          return { http: response.http, body: { kind: "single", singleResult } };
        },
      }),
  };
}

/** The guard's own cache, in the shape Apollo asks for: what it holds is parsed and valid. */
function guardedDocuments(guard: Guard): NonNullable<ConstructorParameters<typeof ApolloServer>[0]["documentStore"]> {
  return {
    get: async (key) => Promise.resolve(guard.documentOf(key.slice(key.lastIndexOf(":") + 1)) ?? undefined),
    set: async () => Promise.resolve(),
    delete: async () => Promise.resolve(),
  };
}
