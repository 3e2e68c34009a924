import type { Files } from "./backend/index.js";
import { EXPORT_FILE_TYPES, EXPORT_KIND } from "./domain/export.js";
import { VitalomeError } from "./errors.js";
import { readJobResult } from "./jobs/run.js";
import { policy } from "./policy.js";
import type { Exports } from "./server/exports.js";
import type { JobFold } from "./views/job-fold.js";

/** Files of complete exports. One that its job did not finish, or that is no longer kept, is not there. */
export function createExports({
  files,
  fold,
}: {
  readonly files: Files;
  readonly fold: Pick<JobFold, "jobs">;
}): Exports {
  return {
    async open(id, caller) {
      policy(caller, "variants");
      const job = fold.jobs.get(id);
      if (job?.kind !== EXPORT_KIND) throw notFound("there is no such export");
      if (job.submittedBy !== caller.subject && caller.role !== "owner")
        throw new VitalomeError("FORBIDDEN", "this export belongs to somebody else");
      if (job.state !== "COMPLETE") throw notFound("the export is not complete");
      const made = (await readJobResult(files, id))?.export;
      const found = made === undefined ? null : await files.stat(made.path);
      if (made === undefined || found === null) throw notFound("the file of this export is no longer kept");
      if (found.bytes !== made.bytes)
        throw new VitalomeError("STORAGE_CORRUPT", "the file of this export is not as long as it was written");
      const { extension, mediaType } = EXPORT_FILE_TYPES[made.format];
      return {
        name: `variants-${id}.${extension}`,
        mediaType,
        bytes: made.bytes,
        sha256: made.sha256,
        read: (range) => files.read(made.path, range),
      };
    },
  };
}

function notFound(message: string): VitalomeError {
  return new VitalomeError("NOT_FOUND", message, { details: { field: "id" } });
}
