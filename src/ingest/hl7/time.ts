const TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:(\d\d)(\.\d{1,4})?)?([+-]\d{4})?$/;
const DATE = /^(\d{4})(\d\d)?(\d\d)?/;

/** A time of HL7 (DTM, TS) in ISO 8601, with the offset it has; any other text, such as a day alone, as it stands. */
export function isoTime(text: string): string {
  const match = TIME.exec(text);
  if (match === null) return text;
  const [, year = "", month = "", day = "", hour = "", minute = "", second = "00", fraction = "", offset = ""] = match;
  const zone = offset === "" ? "" : `${offset.slice(0, 3)}:${offset.slice(3)}`;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone}`;
}

/** A date as exact as it is: `1950`, `1950-03`, `1950-03-07`; null where there is none. */
export function isoDate(text: string): string | null {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined) return null;
  const whole = [year, month, day].filter((part) => part !== undefined && part !== "00").join("-");
  return Number.isNaN(Date.parse(whole)) ? year : whole;
}
