import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Clock } from "./clock.js";
import { VitalomeError } from "./errors.js";

/** What a cursor carries; sealed, so that a client can neither read nor change it. */
export interface CursorContent {
  readonly kind: string;
  readonly tenant: string;
  /** Hash of everything that decides the list but the page. */
  readonly queryHash: string;
  readonly policyHash: string;
  readonly snapshot: number;
  readonly position: unknown;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface CursorSealer {
  seal(content: CursorContent): string;
  /** CURSOR_INVALID when it is not ours, or belongs to another list, caller or tenant; CURSOR_EXPIRED when too old. */
  open(text: string, expected: Pick<CursorContent, "kind" | "tenant" | "queryHash" | "policyHash">): CursorContent;
}

const VERSION = 1;
const NONCE = 12;
const TAG = 16;

/** AES-256-GCM under a subkey; the version is authenticated with the content. */
export function createCursorSealer(key: Buffer, clock: Clock): CursorSealer {
  const header = Buffer.from([VERSION]);
  return {
    seal(content) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(header);
      const sealed = Buffer.concat([cipher.update(JSON.stringify(content), "utf8"), cipher.final()]);
      return Buffer.concat([header, nonce, cipher.getAuthTag(), sealed]).toString("base64url");
    },
    open(text, expected) {
      const content = unseal(text, key, header);
      const isOther = (["kind", "tenant", "queryHash", "policyHash"] as const).some((name) => content[name] !== expected[name]);
      if (isOther) throw invalid("the cursor belongs to another query");
      if (content.expiresAt < clock.now()) throw new VitalomeError("CURSOR_EXPIRED", "the cursor has expired: start again without it");
      return content;
    },
  };
}

function unseal(text: string, key: Buffer, header: Buffer): CursorContent {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length < 1 + NONCE + TAG || bytes[0] !== VERSION || bytes.toString("base64url") !== text) {
    throw invalid("the cursor is not one of this service");
  }
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 1 + NONCE)).setAAD(header);
    decipher.setAuthTag(bytes.subarray(1 + NONCE, 1 + NONCE + TAG));
    const opened = Buffer.concat([decipher.update(bytes.subarray(1 + NONCE + TAG)), decipher.final()]);
    return JSON.parse(opened.toString("utf8")) as CursorContent;
  } catch {
    throw invalid("the cursor is not one of this service");
  }
}

function invalid(message: string): VitalomeError {
  return new VitalomeError("CURSOR_INVALID", message, { details: { field: "after" } });
}
