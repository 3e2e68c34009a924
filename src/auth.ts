import { createHash, hkdfSync, randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { SignJWT, jwtVerify } from "jose";
import type { Clock } from "./clock.js";
import { ROLES, type Caller, type Role } from "./domain/caller.js";
import { VitalomeError, systemCodeOf } from "./errors.js";

const KEY_BYTES = 32;
const ISSUER = "vitalome";
const AUDIENCE = "vitalome-api";

export interface TokenRequest {
  readonly role: Role;
  readonly subject: string;
  /** Seconds. */
  readonly lifetime: number;
}

/** The secret of one store, and the keys made from it: one per purpose, so that none can stand for another. */
export interface Keyring {
  /** 32 bytes for one purpose. */
  subkey(purpose: "tokens" | "cursors" | "pseudonyms"): Buffer;
  /** Names the secret without telling it. */
  readonly keyId: string;
  issueToken(request: TokenRequest): Promise<string>;
  /** UNAUTHENTICATED for any fault; only expiry is told apart. */
  verifyToken(token: string): Promise<Caller>;
}

/** The secret lies in `directory/keys/secret`, mode 0600; it is made at the first start. CONFIG_INVALID when others may read it. */
export async function openKeyring(directory: string, clock: Clock): Promise<Keyring> {
  const secret = await readOrMakeSecret(join(directory, "keys"));
  const subkey = (purpose: string): Buffer => Buffer.from(hkdfSync("sha256", secret, "vitalome", purpose, KEY_BYTES));
  const keyId = createHash("sha256").update(subkey("key-id")).digest("hex").slice(0, 8);
  const tokenKey = subkey("tokens");

  return {
    subkey,
    keyId,
    async issueToken({ role, subject, lifetime }) {
      const now = Math.floor(clock.now() / 1000);
      return new SignJWT({ role, tenant: "default" })
        .setProtectedHeader({ alg: "HS256", kid: keyId })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(subject)
        .setIssuedAt(now)
        .setExpirationTime(now + lifetime)
        .sign(tokenKey);
    },
    async verifyToken(token) {
      try {
        const { payload } = await jwtVerify(token, tokenKey, {
          algorithms: ["HS256"],
          issuer: ISSUER,
          audience: AUDIENCE,
          requiredClaims: ["exp", "sub", "role", "tenant"],
          clockTolerance: 30,
          currentDate: new Date(clock.now()),
        });
        const role = ROLES.find((known) => known === payload["role"]);
        if (role === undefined || payload.sub === undefined) throw new Error("claims");
        return {
          subject: payload.sub,
          role,
          tenant: String(payload["tenant"]),
          tokenExpiresAt: (payload.exp ?? 0) * 1000,
        };
      } catch (thrown) {
        const expired = (thrown as { code?: unknown }).code === "ERR_JWT_EXPIRED";
        throw new VitalomeError("UNAUTHENTICATED", expired ? "the token has expired" : "a valid bearer token is required", {
          cause: thrown,
        });
      }
    },
  };
}

async function readOrMakeSecret(folder: string): Promise<Buffer> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const path = join(folder, "secret");
  try {
    const handle = await open(path, "wx", 0o600);
    try {
      await handle.writeFile(randomBytes(KEY_BYTES));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    if (systemCodeOf(thrown) !== "EEXIST") {
      throw new VitalomeError("CONFIG_INVALID", "the key folder cannot be written", { cause: thrown });
    }
  }
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) throw new VitalomeError("CONFIG_INVALID", "keys/secret may be read by others: set its mode to 0600");
  const secret = await readFile(path);
  if (secret.length !== KEY_BYTES) throw new VitalomeError("CONFIG_INVALID", `keys/secret is not ${String(KEY_BYTES)} bytes long`);
  return secret;
}
