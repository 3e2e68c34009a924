import { createHash, hkdfSync, randomBytes } from "node:crypto";
import { constants, link, mkdir, open, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { SignJWT, jwtVerify } from "jose";
import type { Clock } from "./clock.js";
import { ROLES, type Caller, type Role } from "./domain/caller.js";
import { VitalomeError, isVitalomeError, systemCodeOf } from "./errors.js";

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

/** The secret lies in `directory/keys/secret`, mode 0600; it is made once. CONFIG_INVALID when others may read it, or it is damaged. */
export async function openKeyring(directory: string, clock: Clock): Promise<Keyring> {
  const folder = join(directory, "keys");
  const made = async (): Promise<Buffer> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return (await readSecretOf(folder)) ?? (await makeSecret(folder, join(folder, "secret")));
  };
  return createKeyring(await made().catch(refuseUse), clock);
}

/** The keyring of a store that has one, else null; makes nothing. CONFIG_INVALID as `openKeyring`. */
export async function findKeyring(directory: string, clock: Clock): Promise<Keyring | null> {
  const secret = await readSecretOf(join(directory, "keys")).catch(refuseUse);
  return secret === null ? null : createKeyring(secret, clock);
}

function createKeyring(secret: Buffer, clock: Clock): Keyring {
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
        const { sub, exp, role: claimed, tenant } = payload;
        const role = ROLES.find((known) => known === claimed);
        if (role === undefined || sub === undefined || sub === "" || exp === undefined || typeof tenant !== "string")
          throw new TypeError("claims");
        return { subject: sub, role, tenant, tokenExpiresAt: exp * 1000 };
      } catch (thrown) {
        const expired = (thrown as { code?: unknown }).code === "ERR_JWT_EXPIRED";
        throw new VitalomeError(
          "UNAUTHENTICATED",
          expired ? "the token has expired" : "a valid bearer token is required",
          {
            cause: thrown,
          },
        );
      }
    },
  };
}

function refuseUse(thrown: unknown): never {
  if (isVitalomeError(thrown)) throw thrown;
  const code = systemCodeOf(thrown);
  const cure = code === "EACCES" || code === "EPERM" ? ": this user may not read it" : "";
  throw new VitalomeError("CONFIG_INVALID", `the key folder cannot be used${cure}`, { cause: thrown });
}

/** Null when there is none yet. */
async function readSecretOf(folder: string): Promise<Buffer | null> {
  const found = await stat(folder).catch((thrown: unknown) => {
    if (systemCodeOf(thrown) === "ENOENT") return null;
    throw thrown;
  });
  if (found === null) return null;
  if (isOpenToOthers(found))
    throw new VitalomeError("CONFIG_INVALID", "the folder keys is open to others: set its mode to 0700");
  return readSecret(join(folder, "secret"));
}

/** Null when there is none yet. */
async function readSecret(path: string): Promise<Buffer | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (thrown) {
    if (systemCodeOf(thrown) === "ENOENT") return null;
    throw thrown;
  }
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new VitalomeError("CONFIG_INVALID", "keys/secret is not a plain file");
    if (isOpenToOthers(found))
      throw new VitalomeError("CONFIG_INVALID", "keys/secret may be read by others: set its mode to 0600");
    const secret = await handle.readFile();
    if (secret.length !== KEY_BYTES)
      throw new VitalomeError("CONFIG_INVALID", `keys/secret is not ${String(KEY_BYTES)} bytes long`);
    return secret;
  } finally {
    await handle.close();
  }
}

/** Whole or absent: a process killed half way leaves no short key, and of two at once one wins. */
async function makeSecret(folder: string, path: string): Promise<Buffer> {
  const draft = join(folder, `secret.${randomBytes(8).toString("hex")}`);
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(randomBytes(KEY_BYTES));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, path).catch((thrown: unknown) => {
      if (systemCodeOf(thrown) !== "EEXIST") throw thrown;
    });
  } finally {
    await rm(draft, { force: true });
  }
  const directory = await open(folder);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  const secret = await readSecret(path);
  if (secret === null) throw new VitalomeError("CONFIG_INVALID", "keys/secret went away while it was made");
  return secret;
}

function isOpenToOthers({ mode }: { readonly mode: number }): boolean {
  return (mode & 0o077) !== 0;
}
