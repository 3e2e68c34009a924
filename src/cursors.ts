import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";
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
  /** The same content gives the same text, so that a reader can tell a repeat. */
  sealStable(content: CursorContent): string;
  /** CURSOR_INVALID when it is not ours, or belongs to another list, caller or tenant; CURSOR_EXPIRED when too old. */
  open(text: string, expected: Pick<CursorContent, "kind" | "tenant" | "queryHash" | "policyHash">): CursorContent;
}

const VERSION = 1;
const KEY_ID = 4;
const HEADER = 1 + KEY_ID;
const NONCE = 12;
const TAG = 16;
/** Longer text is not looked at. */
const LONGEST = 8_192;

/** AES-256-GCM under a subkey: version, key id, nonce, tag, content. Version and key id are authenticated too. */
export function createCursorSealer(key: Buffer, clock: Clock): CursorSealer {
  const header = Buffer.concat([
    Buffer.from([VERSION]),
    createHash("sha256").update("cursor").update(key).digest().subarray(0, KEY_ID),
  ]);
  const nonceKey = createHmac("sha256", key).update("cursor nonce").digest();

  function sealWith(nonce: Buffer, plain: string): string {
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(header);
    const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
    return Buffer.concat([header, nonce, cipher.getAuthTag(), sealed]).toString("base64url");
  }

  return {
    seal: (content) => sealWith(randomBytes(NONCE), JSON.stringify(content)),
    sealStable(content) {
      const plain = JSON.stringify(content);
      // A nonce made from the content never meets another content.
      return sealWith(createHmac("sha256", nonceKey).update(plain).digest().subarray(0, NONCE), plain);
    },
    open(text, expected) {
      const content = unseal(text, key, header);
      const isOther = (["kind", "tenant", "queryHash", "policyHash"] as const).some(
        (name) => content[name] !== expected[name],
      );
      if (isOther) throw invalid("the cursor belongs to another query");
      if (content.expiresAt < clock.now())
        throw new VitalomeError("CURSOR_EXPIRED", "the cursor has expired: start again without it");
      return content;
    },
  };
}

function unseal(text: string, key: Buffer, header: Buffer): CursorContent {
  const bytes = text.length > LONGEST ? Buffer.alloc(0) : Buffer.from(text, "base64url");
  const isOurs = bytes.length >= HEADER + NONCE + TAG && bytes.subarray(0, HEADER).equals(header);
  // One cursor has one spelling: base64 with other spare bits or characters is refused.
  if (!isOurs || bytes.toString("base64url") !== text) throw invalid("the cursor is not one of this service");
  try {
    const nonce = bytes.subarray(HEADER, HEADER + NONCE);
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG }).setAAD(header);
    decipher.setAuthTag(bytes.subarray(HEADER + NONCE, HEADER + NONCE + TAG));
    const opened = Buffer.concat([decipher.update(bytes.subarray(HEADER + NONCE + TAG)), decipher.final()]);
    return JSON.parse(opened.toString("utf8")) as CursorContent;
  } catch {
    throw invalid("the cursor is not one of this service");
  }
}

function invalid(message: string): VitalomeError {
  return new VitalomeError("CURSOR_INVALID", message, { details: { field: "after" } });
}
