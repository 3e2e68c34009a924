import { readFile, readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { VitalomeError } from "../../errors.js";
import { CHALLENGE_2012_HEADER, parseChallenge2012 } from "./challenge-2012.js";
import { parseChallenge2019 } from "./challenge-2019.js";
import { broken, type Recording } from "./recording.js";
import { readNumerics } from "./wfdb.js";

const MOST_BYTES = 64 * 1024 * 1024;

/** Recorded stays below a path, by name of the file; of a folder also what was passed over, and why. */
export async function readRecordings(
  path: string,
): Promise<{ readonly recordings: readonly Recording[]; readonly passedOver: readonly string[] }> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new VitalomeError("BAD_USER_INPUT", `${path}: there is no such file or folder`);
  if (!found.isDirectory()) return { recordings: [await readRecording(path)], passedOver: [] };
  const names = (await readdir(path)).filter((name) => [".psv", ".txt", ".hea"].includes(extname(name))).sort();
  const recordings: Recording[] = [];
  const passedOver: string[] = [];
  for (const name of names) {
    try {
      recordings.push(await readRecording(join(path, name)));
    } catch (thrown) {
      if (!(thrown instanceof VitalomeError)) throw thrown;
      passedOver.push(thrown.message);
    }
  }
  if (recordings.length === 0)
    throw new VitalomeError(
      "BAD_USER_INPUT",
      `${path}: no recorded stay${passedOver.map((why) => `; ${why}`).join("")}`,
    );
  return { recordings, passedOver };
}

/** One stay. Throws BAD_USER_INPUT with file and line where it is none, or not whole. */
export async function readRecording(path: string): Promise<Recording> {
  const name = basename(path);
  const stay = name.slice(0, name.length - extname(name).length);
  const text = (await readWhole(path, name)).toString("latin1");
  if (extname(path) === ".hea") {
    return readNumerics(text, name, (file) => readWhole(join(dirname(path), file), file));
  }
  if (text.startsWith(CHALLENGE_2012_HEADER)) return parseChallenge2012(text, name, stay);
  return parseChallenge2019(text, name, stay);
}

async function readWhole(path: string, name: string): Promise<Buffer> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() !== true) throw broken(name, "there is no such file");
  if (found.size > MOST_BYTES) throw broken(name, `expected at most ${String(MOST_BYTES)} bytes`);
  return readFile(path);
}
