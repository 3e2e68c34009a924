import { absentMarkOf } from "./columns.js";
import { broken, numberIn, type RecordedValue, type Recording } from "./recording.js";

export const CHALLENGE_2012_HEADER = "Time,Parameter,Value";
const DATASET = "physionet-2012";

/** A stay of the PhysioNet challenge of 2012: a line for each value, with hours and minutes from admission. */
export function parseChallenge2012(text: string, file: string, stay: string): Recording {
  const [header = "", ...lines] = text.split(/\r?\n/);
  if (header !== CHALLENGE_2012_HEADER) throw broken(file, `expected ${CHALLENGE_2012_HEADER}`, 1);
  const values: RecordedValue[] = [];
  let absent = 0;
  let last = 0;
  for (const [index, line] of lines.entries()) {
    if (line === "" && index === lines.length - 1) break;
    const [time = "", column = "", text = "", ...rest] = line.split(",");
    const clock = /^(\d{2,3}):([0-5]\d)$/.exec(time);
    if (clock === null || rest.length > 0)
      throw broken(file, `expected hh:mm, a name and a value, found ${line}`, index + 2);
    const seconds = Number(clock[1]) * 3_600 + Number(clock[2]) * 60;
    if (seconds < last) throw broken(file, `expected a time that is not before the last, found ${time}`, index + 2);
    last = seconds;
    const value = numberIn(text);
    if (value === null) throw broken(file, `${column}: expected a number, found ${text}`, index + 2);
    if (String(value) === absentMarkOf(DATASET, column)) absent += 1;
    else values.push({ seconds, column, value });
  }
  if (values.length === 0) throw broken(file, "expected values behind the names");
  return { dataset: DATASET, stay, values, absent };
}
