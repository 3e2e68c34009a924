/**
 * The plainest server that could answer the same questions: node:http, graphql-js and an indexed SQLite table, without
 * authority, limits, snapshots or call sets. `node peer-server.mjs rows.json` prints its address.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { buildSchema, graphql } from "graphql";
import initSqlJs from "sql.js";

const rows = JSON.parse(readFileSync(process.argv[2], "utf8"));
const SQL = await initSqlJs();
const database = new SQL.Database();
database.run(
  "CREATE TABLE variants (id TEXT PRIMARY KEY, chrom TEXT, pos INTEGER, ref TEXT, alt TEXT, ac INTEGER, an INTEGER) WITHOUT ROWID",
);
const insert = database.prepare("INSERT INTO variants VALUES (?, ?, ?, ?, ?, ?, ?)");
database.run("BEGIN");
for (const { id, chrom, pos, ref, alt, ac, an } of rows) insert.run([id, chrom, pos, ref, alt, ac, an]);
database.run("COMMIT");
database.run("CREATE INDEX place ON variants (chrom, pos, ref, alt)");

const byId = database.prepare("SELECT * FROM variants WHERE id = ?");
const byPlace = database.prepare(
  "SELECT * FROM variants WHERE chrom = ? AND pos BETWEEN ? AND ? ORDER BY pos, ref, alt LIMIT ?",
);
const schema = buildSchema(`
  type Frequency { focusAlleleCount: Int! locusAlleleCount: Int! }
  type Variant { id: ID! chrom: String! pos: Int! ref: String! alt: String! frequencies: [Frequency!]! }
  type Lookup { variant: Variant }
  type Connection { nodes: [Variant!]! }
  input VariantIdInput { id: String! }
  input Region { referenceName: String! start: Int! end: Int! assemblyId: String! }
  input VariantFilter { regions: [Region!]! }
  type Query { variant(id: VariantIdInput!): Lookup! variants(filter: VariantFilter!, first: Int!): Connection! }
`);
const served = (row) => ({ ...row, frequencies: [{ focusAlleleCount: row.ac, locusAlleleCount: row.an }] });
const rootValue = {
  variant({ id }) {
    const row = byId.getAsObject([id.id]);
    return { variant: row.id === undefined ? null : served(row) };
  },
  variants({ filter, first }) {
    const [region] = filter.regions;
    byPlace.bind([region.referenceName, region.start, region.end, first]);
    const nodes = [];
    while (byPlace.step()) nodes.push(served(byPlace.getAsObject()));
    return { nodes };
  },
};
const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", async () => {
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const answer = await graphql({ schema, source: query, rootValue, variableValues: variables });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer));
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/graphql`));
