import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import { ApolloServerPluginCacheControlDisabled } from "@apollo/server/plugin/disabled";
import { expressMiddleware } from "@as-integrations/express5";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from "graphql";
import helmet from "helmet";
import type { Keyring } from "../auth.js";
import type { RequestContext } from "../context.js";
import type { Caller } from "../domain/caller.js";
import { errorBody, formatError } from "../error-format.js";
import { VitalomeError, isVitalomeError } from "../errors.js";
import { isInvalidDocument, type CheckedOperation, type Guard } from "../guard/check.js";
import type { Log } from "../log.js";
import type { Executor } from "./execution.js";

/** What is known of a request before GraphQL sees it. */
interface Admitted {
  readonly caller: Caller;
  readonly checked: CheckedOperation;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface Uploads {
  /** Stores a stream whole and answers its id. */
  put(content: AsyncIterable<Uint8Array>, name: string, caller: Caller): Promise<{ readonly id: string; readonly bytes: number; readonly sha256: string }>;
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
  readonly readiness: () => Promise<Readiness>;
  readonly contextFor: (caller: Caller, requestId: string, signal: AbortSignal) => RequestContext;
  readonly log: Log;
}

const BODY_LIMIT = "1mb";

/** The HTTP side: GraphQL, uploads, health. Every answer but health needs a bearer token. */
export async function createHttpApp(options: HttpOptions): Promise<{ readonly app: Express; close(): Promise<void> }> {
  const { keyring, log, guard } = options;
  const admitted = new WeakMap<IncomingMessage, Admitted>();
  const contexts = new WeakMap<RequestContext, Admitted>();
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
  app.get("/livez", (_request, response) => {
    response.json({ ok: true });
  });
  app.get("/readyz", async (_request, response) => {
    const readiness = await options.readiness();
    response.status(readiness.ready ? 200 : 503).json(readiness);
  });
  app.put("/files", async (request, response) => {
    const caller = await keyring.verifyToken(bearerOf(request));
    const name = fileName(request.query["name"]);
    response.status(201).json(await options.uploads.put(request, name, caller));
  });

  const apollo = new ApolloServer<RequestContext>({
    schema: options.schema,
    introspection: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    csrfPrevention: { requestHeaders: ["authorization", "x-apollo-operation-name", "apollo-require-preflight"] },
    // Parsed and validated by the guard already; Apollo finds the document here.
    documentStore: guardedDocuments(guard),
    plugins: [ApolloServerPluginCacheControlDisabled(), executionPlugin(options.executor, log, contexts)],
    formatError: (formatted, thrown) => formatError(formatted, thrown, "", log),
    stopOnTerminationSignals: false,
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  await apollo.start();

  app.use(
    "/graphql",
    express.json({ limit: BODY_LIMIT }),
    async (request: Request, _response: Response, next: NextFunction) => {
      const caller = await keyring.verifyToken(bearerOf(request));
      const { query, operationName, variables } = operationOf(request);
      const checked = guard.check({ source: query, operationName, variables, transport: "http" });
      admitted.set(request, { caller, checked, variables });
      next();
    },
    expressMiddleware(apollo, {
      context: async ({ req, res }) => {
        const known = admitted.get(req);
        if (known === undefined) throw new VitalomeError("UNAUTHENTICATED", "a valid bearer token is required");
        const gone = new AbortController();
        res.on("close", () => {
          if (!res.writableEnded) gone.abort(new VitalomeError("CANCELED", "the client went away"));
        });
        const context = options.contextFor(known.caller, String(res.locals["requestId"]), gone.signal);
        contexts.set(context, known);
        return Promise.resolve(context);
      },
    }),
  );
  app.use((_request, _response, next) => {
    next(new VitalomeError("NOT_FOUND", "there is nothing at this path"));
  });
  app.use((thrown: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const requestId = String(response.locals["requestId"]);
    if (isInvalidDocument(thrown)) {
      const errors = thrown.errors.map((error): GraphQLFormattedError => {
        const extensions = { code: thrown.code, ...error.extensions, canRetry: false, requestId };
        const { message, ...rest } = formatError({ ...error.toJSON(), extensions: { code: thrown.code } }, error, requestId, log);
        return { message, ...rest, extensions };
      });
      response.status(400).json({ errors });
      return;
    }
    const { status, errors } = errorBody(parserFault(thrown), requestId, log);
    response.status(status).json({ errors });
  });
  return { app, close: () => apollo.stop() };
}

/** Apollo keeps HTTP's rules; the operation itself runs compiled. */
function executionPlugin(executor: Executor, log: Log, contexts: WeakMap<RequestContext, Admitted>): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () =>
      Promise.resolve({
        async responseForOperation({ contextValue, response }) {
          const known = contexts.get(contextValue);
          if (known === undefined) return null;
          const result = await executor.execute(known.checked, known.variables, contextValue);
          log.debug({ requestId: contextValue.requestId, cost: known.checked.cost }, "an operation ran");
          return {
            http: response.http,
            body: { kind: "single", singleResult: result },
          };
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

function bearerOf(request: Request): string {
  const match = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(request.header("authorization") ?? "");
  if (match === null) throw new VitalomeError("UNAUTHENTICATED", "a valid bearer token is required");
  return match[1] ?? "";
}

function operationOf(request: Request): { query: string; operationName: string | null; variables: Readonly<Record<string, unknown>> } {
  const isGet = request.method === "GET";
  if (!isGet && request.method !== "POST") throw new VitalomeError("BAD_REQUEST", "POST a query, or GET one");
  const from = (isGet ? request.query : request.body) as Readonly<Record<string, unknown>> | undefined;
  if (typeof from !== "object" || Array.isArray(from)) throw new VitalomeError("BAD_REQUEST", "the body must be one JSON object with a query; batches are off");
  const { query, operationName } = from;
  if (typeof query !== "string" || query === "") throw new VitalomeError("BAD_REQUEST", "query: expected GraphQL text", { details: { field: "query" } });
  const variables = isGet && typeof from["variables"] === "string" ? parseJson(from["variables"]) : (from["variables"] ?? {});
  if (typeof variables !== "object" || variables === null || Array.isArray(variables)) {
    throw new VitalomeError("BAD_REQUEST", "variables: expected a JSON object", { details: { field: "variables" } });
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== "string") {
    throw new VitalomeError("BAD_REQUEST", "operationName: expected text", { details: { field: "operationName" } });
  }
  return { query, operationName: operationName ?? null, variables: variables as Record<string, unknown> };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw new VitalomeError("BAD_REQUEST", "variables: expected a JSON object", { cause: thrown, details: { field: "variables" } });
  }
}

function fileName(value: unknown): string {
  if (typeof value !== "string" || !/^[^/\\\0-\x1f]{1,255}$/.test(value) || value === "." || value === "..") {
    throw new VitalomeError("BAD_USER_INPUT", "name: expected a file name without a folder, 1 to 255 characters", {
      details: { field: "name", expected: "a file name" },
    });
  }
  return value;
}

/** Faults of the body parser, in our vocabulary. */
function parserFault(thrown: unknown): unknown {
  if (isVitalomeError(thrown)) return thrown;
  const type = (thrown as { type?: unknown } | null)?.type;
  if (type === "entity.too.large") {
    return new VitalomeError("LIMIT_EXCEEDED", "the body is larger than 1 MiB", { details: { limit: "bodyBytes", max: 1 << 20 } });
  }
  if (typeof type === "string") return new VitalomeError("BAD_REQUEST", "the body is not JSON", { cause: thrown });
  return thrown instanceof GraphQLError ? new VitalomeError("BAD_REQUEST", thrown.message) : thrown;
}
