/** One operation for each way in which two execution engines may differ. */
export interface Operation {
  readonly source: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly name?: string;
}

const CONDITIONS = [
  { s: true, t: true },
  { s: true, t: false },
  { s: false, t: true },
  { s: false, t: false },
];

const CONDITIONAL = [
  "query($s: Boolean!) { hello @skip(if: $s) me { id @include(if: $s) name @skip(if: $s) } }",
  "query($s: Boolean!, $t: Boolean!) { me { ...F @include(if: $s) ... @skip(if: $t) { name } id @include(if: $s) @skip(if: $t) } } fragment F on Person { id friend { id @skip(if: $t) name } }",
  "query($s: Boolean!) { me { ...F @include(if: $s) ...F } } fragment F on Person { id }",
  "query($s: Boolean!) { me { ... @include(if: $s) { ...F } ...F } } fragment F on Person { id }",
  "query($s: Boolean!) { me @include(if: $s) { id ...F } me { name ...F } } fragment F on Person { friend { id } }",
  "query($s: Boolean!) { me { friend @include(if: $s) { id } friend @skip(if: $s) { name } } }",
  "query($s: Boolean!) { me { pets { ... on Cat @include(if: $s) { lives } ... on Dog { good @skip(if: $s) } name @include(if: $s) } } }",
  "query($s: Boolean!) { nobody @skip(if: $s) { id } hello }",
  "query($s: Boolean!, $t: Boolean!) { ...A @include(if: $s) hello } fragment A on Query { ...B @include(if: $t) hello } fragment B on Query { me { id } }",
].flatMap((source) => CONDITIONS.map(({ s, t }) => ({ source, variables: source.includes("$t:") ? { s, t } : { s } })));

const ECHO = "query($a: Int, $b: [Int!], $c: In, $d: Color) { me { echo(a: $a, b: $b, c: $c, d: $d) } }";

export const OPERATIONS: readonly Operation[] = [
  ...[
    "{ me { id name } hello }",
    "{ a: me { b: id c: id } d: hello __typename }",
    "{ __typename me { __typename } }",
    '{ __schema { queryType { name } } __type(name: "Person") { name fields { name } } }',
    "{ me { pets { name ... on Cat { lives } ... on Dog { good owner { id } } __typename } } }",
    "{ me { any { __typename ... on Cat { name } ... on Dog { good } } } }",
    "{ me { pets { ...N } } } fragment N on Named { name }",
    "{ absent { id } hello }",
    "{ nobody { id } hello }",
    "{ me { fail failNow name } hello }",
    "{ me { failNonNull } hello }",
    "{ me { friend { failNonNull } id } }",
    "{ me { strict { strict { strict { strict { id } } } } } }",
    "{ me { friend { friend { friend { id fail } } } } }",
    "{ me { list } }",
    "{ me { holed } }",
    "{ me { mixed } }",
    "{ me { matrix } }",
    "{ me { set } }",
    "{ me { color badColor badInt ratio flag } }",
    "{ me { friends { id name } } }",
    "{ me { people(n: 3) { id fail strict { id } } } }",
    "{ me { people { id } nobody { id } none: people(n: 0) { id } } }",
    "{ some { id } }",
    "{ throwsNull throwsText hello }",
    "{ me { coded foreign id } }",
    '{ me { later(ms: 3, v: "x") b: later(ms: 1, v: "y") } }',
    "{ me { friend { ...P } ...P } } fragment P on Person { id name ...Q } fragment Q on Person { name }",
    "{ toString: hello constructor: hello hasOwnProperty: hello }",
    "{ me { echo } }",
    '{ me { echo(a: null, b: [1,2], c: {y: ["p"], z: {x: 1}}, d: RED) } }',
    "{ me { echo(b: 3, c: {}) } }",
    '{ me { echo(e: """block "q" \\n""") } }',
    '{ me { echo(e: "\\u2028 \' \\" ` ${1} </script>") } }',
    "mutation { a: add(n: 3) b: add(n: 1) c: slow(n: 0) }",
    "mutation { a: add(n: 3) fail b: add(n: 1) }",
  ].map((source) => ({ source })),
  { source: "query A { hello } query B { me { id } }", name: "B" },
  {
    source:
      "query A($n: Int!) { count(n: $n) ...F } query B { ...F me { people(n: 1) { id } } } fragment F on Query { hello }",
    name: "B",
  },
  { source: ECHO },
  { source: ECHO, variables: { a: null, b: 4, c: { x: 2, z: { w: "RED" } }, d: "RED" } },
  { source: ECHO, variables: { a: 1, b: [1, 2], c: { y: null } } },
  { source: "query($a: Int = 9, $d: Color = RED) { me { echo(a: $a, d: $d) } }" },
  { source: "query($a: Int = 9) { me { echo(a: $a) } }", variables: { a: null } },
  { source: "query($d: Color! = RED) { me { echo(d: $d) } }" },
  { source: 'query($c: In = {z: {y: "q"}}) { me { echo(c: $c) } }' },
  { source: 'query($n: Int!, $s: String) { me { echo(b: [$n, 2], c: {x: $n, y: [$s, "k"]}) } }', variables: { n: 7 } },
  {
    source: 'query($n: Int!, $s: String) { me { echo(b: [$n, 2], c: {x: $n, y: [$s, "k"]}) } }',
    variables: { n: 7, s: null },
  },
  { source: "query($s: [String]) { me { echo(c: {y: $s}) } }" },
  { source: "query($z: In) { me { echo(c: {z: $z}) } }" },
  { source: "query($z: In) { me { echo(c: {z: $z}) } }", variables: { z: null } },
  { source: "query($x: Int) { me { echo(c: {x: $x}) } }" },
  { source: "query($x: Int = 2) { me { echo(c: {x: $x}) } }", variables: { x: null } },
  { source: "query($n: Int = 4) { count(n: $n) }" },
  { source: "query($n: Int = 4) { count(n: $n) hello }", variables: { n: null } },
  { source: "query($n: Int) { me { people(n: $n) { id } } }" },
  { source: "query($n: Int) { me { people(n: $n) { id } } hello }", variables: { n: null } },
  {
    source: "query($constructor: Int!, $__proto: Int!) { count(n: $constructor) b: count(n: $__proto) }",
    variables: { constructor: 3, __proto: 4 },
  },
  ...CONDITIONAL,
];
