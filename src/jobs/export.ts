import { exportColumns, exportFolder, exportPath } from "../domain/export.js";
import type { JobContext, JobResult } from "./context.js";
import { exportContent } from "./export/content.js";
import { exportQuery } from "./export/rows.js";
import { decodeStatement } from "./export/statement.js";
import { VCF_COLUMNS } from "./export/vcf.js";
import { exportParameters, parseParameters } from "./parameters.js";
import { withEngine } from "./scratch.js";

/**
 * Writes what a caller selected as one file, `exports/<job>/variants.<format>`: a row per allele and call set, in key order.
 * The statement came with the job; it has the filter and the caller's policy in it. Publishes nothing.
 */
export async function exportVariants(context: JobContext): Promise<JobResult> {
  const { id, kind, baseSnapshot, parameters } = context.spec;
  const { format, fields, snapshot, statement } = parseParameters(exportParameters, parameters);
  const columns = format === "VCF_BGZ" ? VCF_COLUMNS : exportColumns(fields);
  const path = exportPath(id, format);
  try {
    return await withEngine(context, async (engine) => {
      context.progress(0.05, "selecting rows");
      const query = await exportQuery(context, engine, { snapshot, statement: decodeStatement(statement), columns });
      let rows = 0;
      const content = exportContent(context, engine, { format, columns, query }, (more) => {
        rows += more;
        context.progress(null, `${String(rows)} rows`);
      });
      const written = await context.files.write(path, content);
      context.signal.throwIfAborted();
      const file = { path, format, rows, ...written };
      return { jobId: id, kind, baseSnapshot, add: [], remove: {}, files: [], estimate: null, export: file };
    });
  } catch (thrown) {
    await context.files.remove(exportFolder(id)).catch(() => undefined);
    throw thrown;
  }
}
