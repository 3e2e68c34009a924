import { createHash } from "node:crypto";
import { VitalomeError } from "../errors.js";

export interface SubscriptionLimits {
  /** Subscriptions of one socket. Default 100. */
  readonly socketSubscriptions: number;
  /** Subscriptions of one token, over all its sockets and streams. Default 2,000. */
  readonly tokenSubscriptions: number;
  /** Bytes that may wait on a connection before its shared subscriptions are cut off. Default 8 MiB. */
  readonly bufferBytes: number;
}

export const DEFAULT_LIMITS: SubscriptionLimits = {
  socketSubscriptions: 100,
  tokenSubscriptions: 2_000,
  bufferBytes: 8 * 1024 * 1024,
};

/** Counts the open subscriptions of each token, whatever transport carries them. */
export interface Quota {
  /** LIMIT_EXCEEDED when the token has as many as it may. */
  take(tokenKey: string): void;
  give(tokenKey: string): void;
}

export function createQuota(most: number): Quota {
  const open = new Map<string, number>();
  return {
    take(tokenKey) {
      const taken = open.get(tokenKey) ?? 0;
      if (taken >= most) {
        throw new VitalomeError("LIMIT_EXCEEDED", `a token carries at most ${String(most)} subscriptions`, {
          details: { limit: "tokenSubscriptions", max: most, actual: taken + 1 },
        });
      }
      open.set(tokenKey, taken + 1);
    },
    give(tokenKey) {
      const left = (open.get(tokenKey) ?? 1) - 1;
      if (left > 0) open.set(tokenKey, left);
      else open.delete(tokenKey);
    },
  };
}

/** Names a token without holding it. */
export function tokenKeyOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
