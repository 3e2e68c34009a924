/** Text of a statement with `$1`, `$2`, … between its parts, where the values are bound. */
export function placeholders(strings: readonly string[]): string {
  return strings.reduce((all, part, index) => (index === 0 ? part : `${all}$${String(index)}${part}`), "");
}
