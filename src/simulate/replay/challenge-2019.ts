import { broken, numberIn, type RecordedValue, type Recording } from "./recording.js";

const HOUR = "ICULOS";
const ABSENT = "NaN";
const HOUR_SECONDS = 3_600;

/** A stay of the PhysioNet challenge of 2019: cells between bars, a row an hour, numbered by its column ICULOS. */
export function parseChallenge2019(text: string, file: string, stay: string): Recording {
  const [header = "", ...lines] = text.split(/\r?\n/);
  const columns = header.split("|");
  const hourAt = columns.indexOf(HOUR);
  if (hourAt < 0) throw broken(file, `expected a column ${HOUR} among names between bars`, 1);
  const values: RecordedValue[] = [];
  let absent = 0;
  let first: number | null = null;
  let last = -Infinity;
  for (const [index, line] of lines.entries()) {
    if (line === "" && index === lines.length - 1) break;
    const cells = line.split("|");
    if (cells.length !== columns.length)
      throw broken(file, `expected ${String(columns.length)} cells, found ${String(cells.length)}`, index + 2);
    const hour = numberIn(cells[hourAt]!);
    if (hour === null || hour <= last)
      throw broken(file, `${HOUR}: expected a later hour, found ${cells[hourAt]!}`, index + 2);
    first ??= hour;
    last = hour;
    for (const [at, column] of columns.entries()) {
      const value = numberIn(cells[at]!);
      if (value !== null) values.push({ seconds: (hour - first) * HOUR_SECONDS, column, value });
      else if (cells[at] === ABSENT) absent += 1;
      else throw broken(file, `${column}: expected a number or ${ABSENT}, found ${cells[at]!}`, index + 2);
    }
  }
  if (first === null) throw broken(file, "expected rows behind the names");
  return { dataset: "physionet-2019", stay, values, absent };
}
