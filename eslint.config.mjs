import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import { importX } from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/**
 * Who may import whom. Each row: a folder (or file), and everything under src it may import. The table of
 * ARCHITECTURE.md says the same; `test/lint` shows that each row fires.
 */
const ALLOWED = {
  domain: [],
  "errors.ts": [],
  "log.ts": [],
  "clock.ts": ["domain", "errors.ts"],
  "config.ts": ["domain", "errors.ts"],
  "auth.ts": ["domain", "errors.ts", "clock.ts"],
  "cursors.ts": ["domain", "errors.ts", "clock.ts"],
  "bgzf.ts": [],
  "lock.ts": ["errors.ts"],
  "policy.ts": ["domain", "errors.ts", "backend/index.ts", "backend/sql.ts"],
  "error-format.ts": ["errors.ts", "log.ts"],
  guard: ["errors.ts"],
  "backend/index.ts": ["domain", "errors.ts", "backend/sql.ts"],
  "backend/sql.ts": [],
  "backend/topics.ts": [],
  "backend/partition.ts": [],
  "backend/log": ["errors.ts", "backend/index.ts", "backend/topics.ts"],
  "backend/paths.ts": ["errors.ts", "backend/index.ts"],
  "backend/tables-named.ts": ["backend/sql.ts", "lake"],
  engine: ["domain", "errors.ts", "backend/index.ts"],
  lake: ["domain", "errors.ts", "log.ts", "clock.ts", "backend/index.ts", "backend/sql.ts", "engine"],
  ingest: ["domain", "errors.ts", "log.ts", "clock.ts", "backend/index.ts", "lake", "engine"],
  fetch: ["domain", "errors.ts", "clock.ts", "bgzf.ts", "ingest/sources/vcf"],
  simulate: ["domain", "errors.ts", "bgzf.ts"],
  jobs: [
    "domain",
    "errors.ts",
    "log.ts",
    "clock.ts",
    "bgzf.ts",
    "backend/index.ts",
    "backend/sql.ts",
    "lake",
    "engine",
    "ingest",
  ],
  views: [
    "domain",
    "errors.ts",
    "log.ts",
    "clock.ts",
    "policy.ts",
    "cursors.ts",
    "backend/index.ts",
    "backend/sql.ts",
    "lake",
    "ingest/streams",
    "jobs",
  ],
  worker: [
    "domain",
    "errors.ts",
    "log.ts",
    "clock.ts",
    "policy.ts",
    "backend/index.ts",
    "backend/sql.ts",
    "lake",
    "ingest",
    "jobs",
  ],
  schema: ["domain"],
  "context.ts": ["domain", "errors.ts", "log.ts", "views"],
  resolvers: ["domain", "errors.ts", "schema", "views", "jobs", "lake", "context.ts"],
  "backend/embedded": [
    "domain",
    "errors.ts",
    "log.ts",
    "clock.ts",
    "backend/index.ts",
    "backend/sql.ts",
    "backend/topics.ts",
    "backend/partition.ts",
    "backend/log",
    "backend/paths.ts",
    "backend/tables-named.ts",
    "engine",
    "lake",
  ],
  "backend/cluster": [
    "domain",
    "errors.ts",
    "log.ts",
    "clock.ts",
    "backend/index.ts",
    "backend/sql.ts",
    "backend/topics.ts",
    "backend/partition.ts",
    "backend/log",
    "backend/paths.ts",
    "backend/tables-named.ts",
    "lake",
  ],
  stack: ["errors.ts", "clock.ts"],
  server: ["domain", "errors.ts", "log.ts", "clock.ts", "auth.ts", "context.ts", "guard", "error-format.ts"],
  "server.ts": [
    "domain",
    "errors.ts",
    "log.ts",
    "clock.ts",
    "auth.ts",
    "context.ts",
    "guard",
    "error-format.ts",
    "server",
  ],
  "emit-schema.ts": ["resolvers"],
  "inspect.ts": ["errors.ts", "lake", "backend/embedded"],
  "main.ts": ["cli"],
  "uploads.ts": ["domain", "errors.ts", "policy.ts", "backend/index.ts", "jobs", "server"],
  "exports.ts": ["domain", "errors.ts", "policy.ts", "backend/index.ts", "jobs", "views", "server"],
  cli: [
    "domain",
    "errors.ts",
    "clock.ts",
    "config.ts",
    "auth.ts",
    "app.ts",
    "inspect.ts",
    "fetch",
    "simulate",
    "stack",
  ],
};

const zones = Object.entries(ALLOWED).flatMap(([target, allowed]) => [
  {
    target: `./src/${target}`,
    from: "./src",
    except: [...allowed, target].map((path) => `./${path}`),
    message: `src/${target} may import only: ${allowed.join(", ") || "nothing of ours"}`,
  },
  // The command line follows streams as every other client does.
  ...(target === "cli" ? [] : [{ target: `./src/${target}`, from: "./clients", message: "only src/cli is a client" }]),
]);

const driver = (names, where) => ({ group: names, message: `imported in ${where} only` });
const DUCKDB = driver(["@duckdb/*"], "src/engine");
const LMDB = driver(["lmdb"], "src/backend/embedded");
const CLUSTER = driver(["kafkajs", "hive-driver", "webhdfs"], "src/backend/cluster");
const restrict = (...groups) => ["error", { patterns: groups }];

const READS_ENVIRONMENT = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: "only src/config.ts reads the environment",
};
const ENDS_PROCESS = {
  selector: "CallExpression[callee.object.name='process'][callee.property.name='exit']",
  message: "only src/main.ts ends the process",
};

export default tseslint.config(
  { ignores: ["dist", "node_modules", "test/generated", "coverage", "bench/**/*.mjs", "test/**/*.mjs", "*.mjs"] },
  ...tseslint.configs.recommendedTypeChecked,
  importX.flatConfigs.typescript,
  {
    files: ["src/**/*.ts", "test/**/*.ts"],
    plugins: { "import-x": importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { "import-x/resolver-next": [createTypeScriptImportResolver()] },
    rules: {
      "import-x/no-cycle": "error",
      "import-x/no-unresolved": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      // Results and refusals that are values, such as an invalid document, travel by throw through the transport.
      "@typescript-eslint/only-throw-error": "off",
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      // Factories give closures: no method of ours reads `this`.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/restrict-template-expressions": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true },
      ],
    },
  },
  {
    files: ["src/**/*.ts"],
    rules: {
      "import-x/no-restricted-paths": ["error", { zones }],
      "import-x/no-default-export": "error",
      "no-restricted-syntax": ["error", READS_ENVIRONMENT, ENDS_PROCESS],
      "no-restricted-imports": restrict(DUCKDB, LMDB, CLUSTER),
    },
  },
  { files: ["src/engine/**/*.ts"], rules: { "no-restricted-imports": restrict(LMDB, CLUSTER) } },
  // Reads column vectors the engine hands it, as types.
  { files: ["src/lake/build-indexes.ts"], rules: { "no-restricted-imports": "off" } },
  { files: ["src/backend/embedded/**/*.ts"], rules: { "no-restricted-imports": restrict(DUCKDB, CLUSTER) } },
  { files: ["src/backend/cluster/**/*.ts"], rules: { "no-restricted-imports": restrict(DUCKDB, LMDB) } },
  { files: ["src/config.ts"], rules: { "no-restricted-syntax": ["error", ENDS_PROCESS] } },
  { files: ["src/main.ts"], rules: { "no-restricted-syntax": ["error", READS_ENVIRONMENT] } },
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-base-to-string": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/require-await": "off",
    },
  },
);
