/** Decimal text such as `-36.65` as a whole number of 10^-`scale`; digits beyond are rounded half to even. */
export function toScaled(text: string, scale: number): bigint {
  const isNegative = text.startsWith("-");
  const [whole = "", fraction = ""] = (isNegative ? text.slice(1) : text).split(".");
  const kept = BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0"));
  const size = kept + (roundsUp(fraction.slice(scale), kept % 2n === 1n) ? 1n : 0n);
  return isNegative ? -size : size;
}

function roundsUp(rest: string, isOdd: boolean): boolean {
  const first = rest[0] ?? "0";
  if (first !== "5") return first > "5";
  return isOdd || /[1-9]/.test(rest.slice(1));
}

/** The reverse, without zeros at the end: `80`, `36.6`. */
export function fromScaled(value: bigint, scale: number): string {
  const isNegative = value < 0n;
  const digits = String(isNegative ? -value : value).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
  return `${isNegative ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** The nearest number to a quotient of whole numbers, but for the last digit. `denominator` above 0. */
export function quotient(numerator: bigint, denominator: bigint): number {
  return Number(numerator / denominator) + Number(numerator % denominator) / Number(denominator);
}
