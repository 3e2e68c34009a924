import { readFileSync } from "node:fs";
import { ABSENT, SUBJECT_SYSTEM, codeKeys } from "../../../domain/person.js";
import { VitalomeError } from "../../../errors.js";
import { columnFinder, readTable } from "../annotations/table.js";
import { fault, isFault, rejectionOf, type ClinicalOptions, type ClinicalSink, type StagedRow } from "./types.js";

/** The system of observations that are cells of a subject table: the code is the name of the column. */
export const COLUMN_SYSTEM = "https://vitalome.org/subject-column";

/** Columns that name the row, not something seen of the person. */
const NAMES = ["eid", "accession", "ega sample id", "biosample id", "data collections", "sample name", "sample"];
const SUBJECT_COLUMNS = ["subject id", "sample name", "sample"] as const;
const SAMPLE_COLUMNS: readonly string[] = ["sample name", "sample"];

const NOT_NEGATIVE = new Set(
  (
    JSON.parse(readFileSync(new URL("../../../../reference/subject-columns.json", import.meta.url), "utf8")) as {
      readonly notNegative: readonly string[];
    }
  ).notNegative.map((name) => name.toLowerCase()),
);

/**
 * Reads a tab-separated table with one person a line: a column Subject id, or the sample column of a sample sheet.
 * Every other cell that is not empty is an observation without a unit, because such tables state none. An Excel error,
 * and a number below 0 where none can be, are kept without a value, with the reason `error`.
 */
export async function readSubjectTable(
  chunks: AsyncIterable<Uint8Array>,
  sink: ClinicalSink,
  { sampleSystems, knownBy, signal }: ClinicalOptions,
): Promise<{ readonly recordsRead: number }> {
  let columns: readonly string[] = [];
  let subjectAt = -1;
  let sexAt = -1;
  let ageAt = -1;
  let isSampleNamed = false;

  function header(names: readonly string[]): void {
    columns = names;
    const find = columnFinder(names);
    subjectAt = find(...SUBJECT_COLUMNS);
    if (subjectAt < 0) {
      const expected = "FHIR R4 (NDJSON or a Bundle), or a tab-separated table with a column Subject id or Sample name";
      throw new VitalomeError("INGEST_REJECTED", `header: expected ${expected}`, {
        details: { field: "header", expected, line: 1 },
      });
    }
    sexAt = find("sex", "gender");
    ageAt = find("age at recruitment-0.0", "age at recruitment", "age");
    isSampleNamed = SAMPLE_COLUMNS.includes((names[subjectAt] ?? "").toLowerCase());
  }

  function personOf(subject: string, gender: string | null, age: string | null): PersonRows {
    if (knownBy !== null) {
      const known = knownBy(subject);
      const [only] = known;
      const field = columns[subjectAt] ?? "Subject id";
      if (only === undefined) throw fault(field, "UNKNOWN_SUBJECT", subject);
      if (known.length > 1) throw fault(field, "AMBIGUOUS_SUBJECT", `${subject}: ${String(known.length)} people`);
      if (gender !== null && only.gender !== null && only.gender !== gender)
        throw fault(columns[sexAt] ?? "Sex", "SEX_MISMATCH", `${gender}; known as ${only.gender}`);
      return { patientId: only.patientId, rows: [] };
    }
    const patient = {
      patient_id: subject,
      id: subject,
      gender,
      birth_date: null,
      birth_date_absent: age !== null && isSheetError(age) ? ABSENT.error : ABSENT.unknown,
      deceased: null,
      deceased_at: null,
      identifiers: JSON.stringify([{ system: SUBJECT_SYSTEM, value: subject }]),
      active: null,
    };
    const rows: StagedRow[] = [{ table: "patients", row: patient }];
    if (isSampleNamed || sampleSystems.includes(SUBJECT_SYSTEM)) {
      const statedBy = columns[subjectAt] ?? "Subject id";
      const link = { patient_id: subject, id: subject, system: SUBJECT_SYSTEM, stated_by: statedBy };
      rows.push({ table: "links", row: link });
    }
    return { patientId: subject, rows };
  }

  return readTable(
    chunks,
    header,
    {
      row({ line, raw, text }) {
        try {
          const subject = text(subjectAt);
          if (subject === null || !/^[A-Za-z0-9_.-]{1,64}$/.test(subject))
            throw fault(columns[subjectAt] ?? "Subject id", "SUBJECT", subject ?? "");
          const gender = sexOf(sexAt < 0 ? null : text(sexAt), columns[sexAt] ?? "Sex");
          const { patientId, rows } = personOf(subject, gender, ageAt < 0 ? null : text(ageAt));
          const seen = columns.flatMap((name, column): StagedRow[] => {
            if (column === subjectAt || column === sexAt || NAMES.includes(name.toLowerCase())) return [];
            const cell = text(column);
            return cell === null ? [] : [{ table: "observations", row: observation(patientId, subject, name, cell) }];
          });
          sink.record({ line, raw, lastUpdated: null, simulated: false, rows: [...rows, ...seen] });
        } catch (thrown) {
          if (!isFault(thrown)) throw thrown;
          sink.reject(rejectionOf(thrown, line, raw));
        }
      },
      reject(rejection) {
        sink.reject({ ...rejection, raw: rejection.raw ?? "" });
      },
      flush: async (bytesRead) => sink.flush(bytesRead),
    },
    signal,
  );
}

interface PersonRows {
  readonly patientId: string;
  readonly rows: readonly StagedRow[];
}

function observation(patientId: string, subject: string, column: string, cell: string): StagedRow["row"] {
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(cell) ? Number(cell) : null;
  const name = column.replace(/-\d+\.\d+$/, "");
  const isImpossible = number !== null && number < 0 && NOT_NEGATIVE.has(name.toLowerCase());
  const isError = isSheetError(cell) || isImpossible || (number !== null && !Number.isFinite(number));
  const coding = { system: COLUMN_SYSTEM, code: column, display: name };
  return {
    patient_id: patientId,
    id: `${subject}.${column}`,
    ...coding,
    codings: JSON.stringify([coding]),
    code_keys: codeKeys([coding]),
    status: "unknown",
    value: isError ? null : number,
    // What the cell holds stays readable where it is no value.
    value_text: isError || number === null ? cell : null,
    data_absent_reason: isError ? ABSENT.error : null,
  };
}

/** Error values a spreadsheet leaves in a cell. */
function isSheetError(cell: string): boolean {
  return /^#(?:REF!|N\/A|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!)$/i.test(cell);
}

function sexOf(cell: string | null, field: string): string | null {
  if (cell === null || isSheetError(cell)) return null;
  const name = cell.toLowerCase();
  const known = Object.hasOwn(SEXES, name) ? SEXES[name] : undefined;
  if (known === undefined) throw fault(field, "SUBJECT_SEX", cell);
  return known;
}

const SEXES: Readonly<Partial<Record<string, string | null>>> = {
  male: "male",
  m: "male",
  "1": "male",
  female: "female",
  f: "female",
  "2": "female",
  "0": null,
  unknown: null,
};
