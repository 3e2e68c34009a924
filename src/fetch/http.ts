import { request as requestPlain, type IncomingMessage } from "node:http";
import { request as requestSecure } from "node:https";
import { VitalomeError, messageOf } from "../errors.js";

export interface HttpAnswer {
  /** After redirects. */
  readonly url: string;
  readonly status: number;
  readonly body: IncomingMessage;
  header(name: string): string | null;
}

export interface Http {
  /** One GET with redirects followed; any status is an answer. Bodies come as sent: nothing is decoded. */
  get(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer>;
}

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** `idleMs` is how long a silent connection is waited for. */
export function createHttp({ idleMs = 60_000 }: { readonly idleMs?: number } = {}): Http {
  return {
    async get(url, headers, signal) {
      let at = addressOf(url);
      for (let hops = 0; ; hops += 1) {
        const answer = await send(at, headers, signal, idleMs);
        const target = answer.header("location");
        if (!REDIRECTS.has(answer.status) || target === null) return answer;
        answer.body.destroy();
        if (hops === MOST_REDIRECTS) {
          throw new VitalomeError("BAD_REQUEST", `${plainUrl(url)}: more than ${String(MOST_REDIRECTS)} redirects`);
        }
        const next = addressOf(target, at);
        if (at.protocol === "https:" && next.protocol !== "https:") {
          throw new VitalomeError("FORBIDDEN", `${plainUrl(url)}: refused a redirect from https to http`);
        }
        at = next;
      }
    },
  };
}

function addressOf(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base) : null;
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) return url;
  throw new VitalomeError("BAD_USER_INPUT", `${text}: expected an http or https address`, {
    details: { field: "url" },
  });
}

function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  idleMs: number,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const open = url.protocol === "https:" ? requestSecure : requestPlain;
    // Files are stored compressed; a transfer coding on top would make byte ranges meaningless.
    const options = { headers: { "user-agent": "vitalome", "accept-encoding": "identity", ...headers }, signal };
    const request = open(url, options, (body) => {
      resolve({
        url: url.href,
        status: body.statusCode ?? 0,
        body,
        header: (name) => {
          const value = body.headers[name];
          return (Array.isArray(value) ? value[0] : value) ?? null;
        },
      });
    });
    request.setTimeout(idleMs, () => request.destroy(new Error(`no byte for ${String(idleMs / 1000)} s`)));
    request.on("error", reject);
    request.end();
  });
}

/** Without what may hold a secret: user, password, query. */
export function plainUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname}`;
}

export function unreachable(url: string, thrown: unknown): VitalomeError {
  return new VitalomeError("BACKEND_UNAVAILABLE", `${plainUrl(url)}: ${messageOf(thrown)}`, { cause: thrown });
}
