import { userInfo } from "node:os";
import { VitalomeError, messageOf } from "../errors.js";
import { stopStack } from "./down.js";
import { openFolder } from "./folder.js";
import { CHECKPOINT, windowsPlace } from "./servers/windows.js";
import { addressesOf, findStack } from "./stack-file.js";
import type { StackOptions } from "./stack-options.js";
import { startStack, type Started } from "./up.js";

const REQUEST_MS = 60_000;
const ANSWER_CHARACTERS = 200;

/**
 * Ends the windows query, removes what it kept, and starts it on the readings that are in the log. Windows that were computed
 * before stay in the log: each reader takes of a window the one that has read furthest.
 */
export async function rebuildWindows(options: StackOptions): Promise<Started> {
  const folder = await openFolder(options.folder);
  const stack = await findStack(folder.stackFile);
  if (stack === null)
    throw new VitalomeError("BACKEND_UNAVAILABLE", "there is no stack here: start one with vitalome stack up");
  await stopStack(options, ["windows"]);
  const query = new URLSearchParams({ op: "DELETE", recursive: "true", "user.name": userInfo().username }).toString();
  const path = `${windowsPlace(options.environment).root}/${CHECKPOINT}`;
  const url = `${addressesOf(stack.ports).webhdfs}/webhdfs/v1${path}?${query}`;
  const answer = await fetch(url, { method: "DELETE", signal: AbortSignal.timeout(REQUEST_MS) }).then(
    async (response) => `${String(response.status)} ${await response.text()}`,
    (thrown: unknown) => messageOf(thrown),
  );
  if (!answer.startsWith("200 ")) {
    const said = answer.slice(0, ANSWER_CHARACTERS);
    throw new VitalomeError("BACKEND_UNAVAILABLE", `HDFS did not remove ${path}: ${said}`);
  }
  return startStack(options, ["windows"]);
}
