import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { VitalomeError } from "../../../errors.js";

/** Where a NameNode answers WebHDFS, and for whom. */
export interface WebhdfsAddress {
  readonly protocol: "http:" | "https:";
  readonly hostname: string;
  readonly port: string;
  /** `/webhdfs/v1`, or a gateway's path. */
  readonly base: string;
  readonly user: string;
  readonly agent: HttpAgent | HttpsAgent;
}

const CONNECTIONS = 32;

/** `url` as in `http://host:9870`; CONFIG_INVALID for anything but HTTP. */
export function webhdfsAddress(url: string, user: string): WebhdfsAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || (parsed.protocol !== "http:" && parsed.protocol !== "https:"))
    throw new VitalomeError("CONFIG_INVALID", "the address of WebHDFS is an http or https URL");
  const isSecure = parsed.protocol === "https:";
  const options = { keepAlive: true, maxSockets: CONNECTIONS };
  return {
    protocol: parsed.protocol,
    hostname: parsed.hostname,
    port: parsed.port === "" ? (isSecure ? "443" : "80") : parsed.port,
    base: parsed.pathname === "/" ? "/webhdfs/v1" : parsed.pathname.replace(/\/$/, ""),
    user,
    agent: isSecure ? new HttpsAgent(options) : new HttpAgent(options),
  };
}

/** A path as it stands in a URL. The `webhdfs` package encodes nothing: a space or a `%` was refused (T27). */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

export function operationUrl(
  address: WebhdfsAddress,
  operation: string,
  path: string,
  parameters: Readonly<Record<string, string>> = {},
): URL {
  const url = new URL(`${address.protocol}//${address.hostname}:${address.port}${address.base}${encodePath(path)}`);
  url.search = new URLSearchParams({ op: operation, "user.name": address.user, ...parameters }).toString();
  return url;
}
