import type { Clock } from "../../../clock.js";
import type { HdfsContents } from "./contents.js";
import { HdfsFault, isHdfsFault } from "./faults.js";
import { retrying, type HdfsLimits } from "./limits.js";
import { FOLDER_MODE, type HdfsMetadata } from "./metadata.js";

export interface HdfsMoveOptions {
  readonly metadata: HdfsMetadata;
  readonly contents: HdfsContents;
  readonly clock: Clock;
  readonly limits: HdfsLimits;
}

export interface Unfinished {
  readonly path: string;
  readonly fileId: number;
}

/**
 * Gives a finished file its name in one step of the NameNode, so that no reader ever misses it or sees a part.
 * `exists`: the name is taken (with `OVERWRITE`: by a folder) and was left alone.
 *
 * When an answer is lost, the target says what happened: a file keeps its id over a rename, and no other has it.
 */
export function createHdfsMove(
  options: HdfsMoveOptions,
): (file: Unfinished, to: string, option: "NONE" | "OVERWRITE") => Promise<"moved" | "exists"> {
  const { metadata, contents, clock, limits } = options;

  return async (file, to, option) => {
    /** An attempt whose answer was lost may have been done, or may still be. */
    let isInDoubt = false;

    async function settle(thrown: HdfsFault): Promise<"moved" | "exists"> {
      const target = await metadata.stat(to);
      if (target?.fileId === file.fileId) return "moved";
      // Ours took the name, and has already been replaced or removed since.
      if (isInDoubt && (await metadata.stat(file.path)) === null) return "moved";
      if (target !== null && (option === "NONE" || target.isFolder)) return "exists";
      if (thrown.exception === "FileNotFoundException" && (await metadata.stat(file.path)) !== null) {
        // Somebody removed the folder since it was made.
        await metadata.makeFolder(to.slice(0, to.lastIndexOf("/")), FOLDER_MODE);
        throw new HdfsFault(thrown.message, { isTransient: true, cause: thrown });
      }
      throw thrown;
    }

    return retrying(clock, limits, async () => {
      try {
        if (await contents.rename(file.path, to, option)) return "moved";
        throw new HdfsFault("RENAME answered false");
      } catch (thrown) {
        if (!isHdfsFault(thrown)) throw thrown;
        isInDoubt ||= thrown.mayBeDone;
        return settle(thrown);
      }
    });
  };
}
