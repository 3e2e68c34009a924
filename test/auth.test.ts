import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT, UnsecuredJWT, decodeJwt, decodeProtectedHeader } from "jose";
import { findKeyring, openKeyring, type Keyring } from "../src/auth.js";
import { systemClock, type Clock } from "../src/clock.js";
import { ROLES } from "../src/domain/caller.js";

const START = Date.UTC(2026, 0, 1);
let directory: string;
let now: number;
const clock: Clock = { now: () => now, sleep: () => Promise.resolve() };

beforeEach(async () => {
  now = START;
  directory = await mkdtemp(join(tmpdir(), "vitalome-auth-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const secretPath = (): string => join(directory, "keys", "secret");

describe("the key of a store", () => {
  it("is made once, 32 bytes for its owner alone, and found again", async () => {
    const first = await openKeyring(directory, clock);
    expect((await stat(secretPath())).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, "keys"))).mode & 0o777).toBe(0o700);
    expect(await readFile(secretPath())).toHaveLength(32);
    const second = await openKeyring(directory, clock);
    expect(second.keyId).toBe(first.keyId);
    expect(
      await second.verifyToken(await first.issueToken({ role: "owner", subject: "s", lifetime: 60 })),
    ).toMatchObject({ subject: "s" });
    expect(await readdir(join(directory, "keys"))).toEqual(["secret"]);
  });

  it("is found where it is, and looking for it makes nothing", async () => {
    expect(await findKeyring(directory, clock)).toBeNull();
    expect(await readdir(directory)).toEqual([]);
    await mkdir(join(directory, "keys"), { mode: 0o700 });
    expect(await findKeyring(directory, clock)).toBeNull();
    expect(await readdir(join(directory, "keys"))).toEqual([]);
    const { keyId } = await openKeyring(directory, clock);
    expect((await findKeyring(directory, clock))?.keyId).toBe(keyId);
  });

  it("is one for all when many start at once", async () => {
    for (let round = 0; round < 20; round += 1) {
      const folder = join(directory, String(round));
      const rings = await Promise.all(
        Array.from({ length: 12 }, async (_none, racer) => {
          await systemClock.sleep(racer);
          return openKeyring(folder, clock);
        }),
      );
      expect(new Set(rings.map((ring) => ring.keyId)).size).toBe(1);
      expect(await readdir(join(folder, "keys"))).toEqual(["secret"]);
    }
  });

  it.each([
    ["its file may be read by others", () => chmod(secretPath(), 0o640), "0600"],
    ["its folder may be read by others", () => chmod(join(directory, "keys"), 0o755), "0700"],
    ["it is cut short", () => writeFile(secretPath(), Buffer.alloc(31)), "32 bytes"],
    ["it is too long", () => writeFile(secretPath(), Buffer.alloc(33)), "32 bytes"],
    ["it is a folder", () => rm(secretPath()).then(() => mkdir(secretPath(), { mode: 0o700 })), "plain file"],
    ["it is a link", () => rm(secretPath()).then(() => symlink("/dev/zero", secretPath())), "cannot be used"],
  ])("is refused when %s", async (_what, damage, reason) => {
    await openKeyring(directory, clock);
    await damage();
    for (const keyring of [openKeyring, findKeyring]) {
      await expect(keyring(directory, clock)).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining(reason) as unknown,
      });
    }
  });

  it("gives another key for each purpose, and another set for each store", async () => {
    const ring = await openKeyring(directory, clock);
    const other = await openKeyring(join(directory, "other"), clock);
    const keys = (["tokens", "cursors", "pseudonyms"] as const).flatMap((purpose) => [
      ring.subkey(purpose).toString("hex"),
      other.subkey(purpose).toString("hex"),
    ]);
    expect(new Set([...keys, (await readFile(secretPath())).toString("hex")]).size).toBe(7);
    expect(keys.every((key) => key.length === 64)).toBe(true);
  });
});

/** Signed by hand: no library makes such a token with so short a key. */
function signedWith(hash: string, alg: string, claims: object, key: Buffer): string {
  const text = [{ alg }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${createHmac(hash, key).update(text).digest("base64url")}`;
}

describe("a token", () => {
  let ring: Keyring;
  beforeEach(async () => {
    ring = await openKeyring(directory, clock);
  });
  const issue = (lifetime = 60): Promise<string> => ring.issueToken({ role: "clinician", subject: "dr-a", lifetime });
  const INVALID = { code: "UNAUTHENTICATED", message: "a valid bearer token is required" };

  it("says who asks, and until when", async () => {
    expect(await ring.verifyToken(await issue())).toEqual({
      subject: "dr-a",
      role: "clinician",
      tenant: "default",
      tokenExpiresAt: START + 60_000,
    });
    expect(decodeProtectedHeader(await issue())).toEqual({ alg: "HS256", kid: ring.keyId });
  });

  it("can be made for every role", async () => {
    for (const role of ROLES)
      expect((await ring.verifyToken(await ring.issueToken({ role, subject: "s", lifetime: 60 }))).role).toBe(role);
  });

  it("holds until it expires and half a minute of clock skew, and then says so", async () => {
    const token = await issue();
    now = START + 89_000;
    expect(await ring.verifyToken(token)).toMatchObject({ subject: "dr-a" });
    now = START + 91_000;
    await expect(ring.verifyToken(token)).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      message: "the token has expired",
    });
  });

  it("is refused with one message, whatever is wrong with it", async () => {
    const token = await issue();
    const [header = "", payload = "", signature = ""] = token.split(".");
    const key = ring.subkey("tokens");
    const make = (claims: Record<string, unknown>, alg = "HS256", from: Uint8Array = key): Promise<string> =>
      new SignJWT({ ...decodeJwt(token), ...claims }).setProtectedHeader({ alg }).sign(from);
    const stranger = await openKeyring(join(directory, "other"), clock);
    const wrong: readonly string[] = [
      "",
      "a.b.c",
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`,
      new UnsecuredJWT({ ...decodeJwt(token) }).encode(),
      await stranger.issueToken({ role: "owner", subject: "s", lifetime: 60 }),
      signedWith("sha512", "HS512", decodeJwt(token), key),
      await make({}, "HS256", ring.subkey("cursors")),
      await make({ iss: "another" }),
      await make({ aud: "another" }),
      await make({ exp: undefined }),
      await make({ sub: undefined }),
      await make({ sub: "" }),
      await make({ role: "root" }),
      await make({ role: undefined }),
      await make({ tenant: 5 }),
    ];
    for (const [index, one] of wrong.entries()) {
      expect([
        index,
        await ring.verifyToken(one).then(
          () => "accepted",
          ({ code, message }: typeof INVALID) => ({ code, message }),
        ),
      ]).toEqual([index, INVALID]);
    }
    expect(await ring.verifyToken(await make({}))).toMatchObject({ role: "clinician" });
    expect(await ring.verifyToken(signedWith("sha256", "HS256", decodeJwt(token), key))).toMatchObject({
      role: "clinician",
    });
  });
});
