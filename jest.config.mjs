/** What takes many minutes: real data and exports in both profiles (`make parity`), servers that are killed (`make chaos`). */
const LONG = [
  "/test/parity/(real-data|exports|compact-log|compaction-meanwhile|windows|live-scenes|hl7|recorded-stays|backtest|foreign)\\.test\\.ts$",
  "-outage\\.test\\.ts$",
  "-faults\\.test\\.ts$",
  "event-log-kafka\\.test\\.ts$",
  "-death\\.test\\.ts$",
  "live-moves-kafka\\.test\\.ts$",
  "/test/stack/life\\.test\\.ts$",
  "/test/chaos/subscribers\\.test\\.ts$",
];

/** ESM with decorators and their metadata: swc transforms, Node runs real modules. */
export default {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: process.env.VITALOME_LONG_TESTS === "1" ? [] : LONG,
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  testTimeout: 180_000,
  globalSetup: "<rootDir>/test/stack-setup.mjs",
  globalTeardown: "<rootDir>/test/stack-teardown.mjs",
  reporters: ["default", "<rootDir>/test/reporter.mjs"],
  maxWorkers: 2,
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: {
          target: "es2022",
          parser: { syntax: "typescript", decorators: true },
          experimental: { keepImportAttributes: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
        },
        module: { type: "es6" },
        sourceMaps: "inline",
      },
    ],
  },
};
