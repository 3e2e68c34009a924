import type { ConditionCoding } from "../../../domain/clinical.js";

/** A name without an id has the system `text`. */
const NAMED = "text";

/** `MONDO:0014502|name`: the code keeps its prefix where the vocabulary writes it so. Null for no text. */
export function codingOf(text: string): ConditionCoding | null {
  const bar = text.indexOf("|");
  const id = (bar < 0 ? text : text.slice(0, bar)).trim();
  const name = bar < 0 ? null : text.slice(bar + 1).trim();
  const system = /^([A-Za-z][\w ]{0,40}):\S+$/.exec(id)?.[1];
  if (system !== undefined) return { system, code: id, display: name === "" ? null : name };
  const display = name ?? id;
  return display === "" ? null : { system: NAMED, code: display, display };
}

/** `MONDO:0014502|name;MONDO:0018940|name`. A part without a colon before its bar belongs to the name before it. */
export function conditionsOfTable(text: string | null): readonly ConditionCoding[] {
  if (text === null) return [];
  const parts: string[] = [];
  for (const part of text.split(";")) {
    const before = parts.length - 1;
    if (before >= 0 && /^\S+:\S+\|/.test(parts[before] ?? "") && !/^\S+:\S+(\||$)/.test(part))
      parts[before] += `;${part}`;
    else parts.push(part);
  }
  return parts.map(codingOf).filter((coding) => coding !== null);
}

/** Which of several ids of one condition is served. */
const PREFERRED = ["MONDO", "OMIM", "Orphanet", "MedGen", "Human_Phenotype_Ontology", "MeSH"];

/**
 * Names and ids of the ClinVar VCF (or of variant_summary): conditions are separated by `|`, the ids of one by `,`,
 * and an id repeats its prefix (`MONDO:MONDO:0015356`). Underscores in names are spaces.
 */
export function conditionsOfLists(names: string | null, ids: string | null): readonly ConditionCoding[] {
  const idList = ids?.split("|") ?? [];
  const nameList = names?.split("|") ?? idList.map(() => "");
  return nameList.flatMap((name, index): ConditionCoding[] => {
    const display = name.replaceAll("_", " ").trim();
    // Ids can only be told apart by condition where there are as many lists as names.
    const own = idList.length === nameList.length ? (idList[index] ?? "") : "";
    const codings = own.split(/[,;]/).flatMap((id) => {
      const at = id.indexOf(":");
      return at <= 0 ? [] : [{ system: id.slice(0, at), code: codeOf(id, at) }];
    });
    const rank = ({ system }: { system: string }): number =>
      (PREFERRED.indexOf(system) + PREFERRED.length + 1) % (PREFERRED.length + 1);
    const [best] = codings.sort((left, right) => rank(left) - rank(right));
    if (best !== undefined) return [{ ...best, display: display === "" ? null : display }];
    return display === "" ? [] : [{ system: NAMED, code: display, display }];
  });
}

/** `MONDO:MONDO:0015356` is `MONDO:0015356`, `OMIM:608456` stays. */
function codeOf(id: string, at: number): string {
  const rest = id.slice(at + 1);
  return rest.startsWith(id.slice(0, at + 1)) || /^[A-Z]+:/.test(rest) ? rest : id;
}
