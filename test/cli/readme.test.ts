import { describe, expect, it } from "@jest/globals";
import { buildSchema, parse, validate } from "graphql";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { EXIT } from "../../src/cli/output.js";

const ROOT = resolve(import.meta.dirname, "../..");
const readme = readFileSync(resolve(ROOT, "README.md"), "utf8");
const schema = buildSchema(readFileSync(resolve(ROOT, "schema.graphql"), "utf8"));

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))].map(([, text = ""]) => text);
}

describe("the README", () => {
  it("asks only what the schema answers", () => {
    const asked = [
      ...blocks("graphql"),
      ...[...readme.matchAll(/vitalome query '([^'D][^']*)'/g)].map(([, text = ""]) => text),
    ];
    expect(asked.length).toBeGreaterThanOrEqual(2);
    for (const document of asked) expect(validate(schema, parse(document))).toEqual([]);
  });

  it("shows the whole of the first answer on the first screen", () => {
    const lines = readme.split("\n");
    expect(lines.indexOf("## Commands")).toBeGreaterThan(0);
    expect(lines.findIndex((line) => line.startsWith('  { "id"'))).toBeLessThan(40);
  });

  it("answers in JSON with the fields it asked for", () => {
    const [question = ""] = blocks("graphql");
    const [answer = ""] = blocks("json");
    const names = Object.keys(JSON.parse(answer) as object);
    for (const name of names) expect(question).toContain(name);
  });

  it("names every exit code", () => {
    const [sentence = ""] = /Exit codes:.*?\./s.exec(readme) ?? [];
    for (const code of Object.values(EXIT)) expect(sentence).toMatch(new RegExp(`\\b${String(code)} `));
  });
});
