import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { environment } from "../config.js";
import { backtest, type BacktestOptions } from "./backtest.js";
import { createClient, findEndpoint, type Client, type ConnectionOptions } from "./client.js";
import { EXIT, failure, outputMode, print } from "./output.js";
import { addConnection } from "./query.js";
import { alertText } from "./watched-streams.js";

const FIELDS = `id version patientId ruleId ruleVersion kind code { code display } priority presence conditionPresent stale
  message value unit threshold onset raisedAt abatement occurrenceCount escalationLevel acknowledgedBy acknowledgedAt note
  snoozedUntil assessment supersedes movedFrom shadow simulated`;

type AlertLine = Parameters<typeof alertText>[0] & { readonly version: number; readonly raisedAt: string };

type AlertsOptions = ConnectionOptions &
  BacktestOptions & {
    readonly priority?: readonly string[];
    readonly cohort?: string;
    readonly all?: boolean;
    readonly shadow?: boolean;
    readonly note?: string;
    readonly reason?: string;
    readonly for?: string;
    readonly until?: string;
    readonly expect?: string;
    readonly output?: string;
  };

/** What a command needs beside the alert, and how it is asked for. */
const COMMANDS: Readonly<Record<string, { readonly field: string; readonly needs: readonly (keyof AlertsOptions)[] }>> =
  {
    ack: {
      field: "acknowledgeAlert(id: $id, expectedVersion: $version, idempotencyKey: $key, note: $note)",
      needs: [],
    },
    snooze: {
      field:
        "snoozeAlert(id: $id, expectedVersion: $version, idempotencyKey: $key, until: $until, duration: $for, reason: $reason)",
      needs: ["reason"],
    },
    unsnooze: { field: "unsnoozeAlert(id: $id, expectedVersion: $version, idempotencyKey: $key)", needs: [] },
    resolve: {
      field: "resolveAlert(id: $id, expectedVersion: $version, idempotencyKey: $key, reason: $reason)",
      needs: ["reason"],
    },
  };

const TYPES: Readonly<Record<string, string>> = {
  id: "ID!",
  version: "Int!",
  key: "String!",
  note: "String",
  until: "DateTime",
  for: "String",
  reason: "String!",
};

export function addAlerts(program: Command, end: (code: number) => void, signal: AbortSignal): void {
  addConnection(program.command("alerts"))
    .description(
      "List open alerts, the newest first; show one, or acknowledge, snooze, unsnooze or resolve it; weigh a rule on the past.",
    )
    .argument("[action]", "list, show, ack, snooze, unsnooze, resolve or backtest", "list")
    .argument("[id]", "id of the alert; of the rule for backtest")
    .option("--patient <id...>", "list, backtest: only of these people")
    .option("--cohort <id>", "list: only of the people of this cohort")
    .option("--priority <priority...>", "list: only these, such as HIGH")
    .option("--all", "list: also those that are over")
    .option("--shadow", "list: also of rules that are being tried")
    .option("--note <text>", "ack: what to note with it")
    .option("--for <duration>", "snooze: how long, as ISO 8601, such as PT10M")
    .option("--until <time>", "snooze: until when, as ISO 8601")
    .option("--reason <text>", "snooze, resolve: why; kept with the alert")
    .option("--expect <version>", "refuse, with 5, when the alert has another version (default: the one it has now)")
    .option("--key <text>", "idempotency key: a repeat is answered as the first was")
    .option("--from <time>", "backtest: begin of the period, as ISO 8601")
    .option("--to <time>", "backtest: its end, not included")
    .option("--rule-version <n>", "backtest: this version (default: the newest)")
    .option("--input <file>", "backtest: the rule as it would be, an AlertRuleInput as JSON")
    .option("--against <rule>", "backtest: the rule to compare with (default: the one of the same id)")
    .option("--tolerance <duration>", "backtest: how far apart two alerts about the same may be (default: PT10M)")
    .option("--output <mode>", "json or text (default: json in a pipe)")
    .addHelpText(
      "after",
      `
A backtest replays accepted readings of a period through a rule and the one in force: how often each
calls, how much earlier, and which alerts only one of them raises. It is a job and calls nobody.

Examples:
  vitalome alerts backtest spo2-low --input stricter.json --from 2026-01-01T00:00Z --to 2026-02-01T00:00Z
  vitalome alerts --priority HIGH MEDIUM
  vitalome alerts ack 0123456789abcdef --note "seen, calling the ward"
  vitalome alerts snooze 0123456789abcdef --for PT10M --reason "turning the patient"`,
    )
    .action(async (action: string, id: string | undefined, options: AlertsOptions) => {
      const isJson = outputMode(options.output) === "json";
      const client = createClient(await findEndpoint(options, environment()), signal);
      if (action === "list") await list(client, options, isJson);
      else if (action === "show") await show(client, named(action, id));
      else if (action === "backtest") await backtest(client, named(action, id), options, isJson, signal);
      else await command(client, action, named(action, id), options, isJson);
      end(EXIT.ok);
    });
}

function named(action: string, id: string | undefined): string {
  if (id === undefined)
    throw failure(EXIT.usage, `alerts ${action}: name the ${action === "backtest" ? "rule" : "alert"}`);
  return id;
}

async function list(client: Client, options: AlertsOptions, isJson: boolean): Promise<void> {
  const document = `query Alerts($patientIds: [ID!], $cohortId: ID, $priority: [AlertPriority!], $presence: [AlertPresence!],
    $includeShadow: Boolean!, $after: Cursor) {
    alerts(patientIds: $patientIds, cohortId: $cohortId, priority: $priority, presence: $presence,
      includeShadow: $includeShadow, first: 200, after: $after) { nodes { ${FIELDS} } pageInfo { hasNextPage endCursor } } }`;
  for (let after: string | null = null; ;) {
    const { alerts }: { alerts: AlertPage } = await client.ask(document, {
      patientIds: options.patient ?? null,
      cohortId: options.cohort ?? null,
      priority: options.priority?.map((one) => one.toUpperCase()) ?? null,
      presence: options.all === true ? null : ["ON", "LATCHED", "ACK"],
      includeShadow: options.shadow === true,
      after,
    });
    for (const alert of alerts.nodes) print(isJson ? JSON.stringify(alert) : `${alert.raisedAt}  ${alertText(alert)}`);
    if (!alerts.pageInfo.hasNextPage) return;
    after = alerts.pageInfo.endCursor;
  }
}

interface AlertPage {
  readonly nodes: readonly AlertLine[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

async function show(client: Client, id: string): Promise<void> {
  const document = `query Show($id: ID!) { alert(id: $id) { ${FIELDS} endToEndLatencyMs
    derivedFrom { id effectiveDateTime valueQuantity { value unit } }
    history { version at from to reason text by priority } } }`;
  const { alert } = await client.ask<{ alert: AlertLine | null }>(document, { id });
  if (alert === null) throw failure(EXIT.failed, "NOT_FOUND: there is no such alert");
  print(JSON.stringify(alert));
}

async function command(
  client: Client,
  action: string,
  id: string,
  options: AlertsOptions,
  isJson: boolean,
): Promise<void> {
  const known = COMMANDS[action];
  if (known === undefined) {
    throw failure(
      EXIT.usage,
      `alerts: expected list, show, backtest, ${Object.keys(COMMANDS).join(", ")}, found ${action}`,
    );
  }
  for (const option of known.needs)
    if (options[option] === undefined) throw failure(EXIT.usage, `alerts ${action}: say why with --${option}`);
  if (action === "snooze" && (options.for === undefined) === (options.until === undefined))
    throw failure(EXIT.usage, "alerts snooze: give either --for or --until");
  const { note, until, reason, key = randomUUID(), for: lasting } = options;
  const version = options.expect === undefined ? await versionOf(client, id) : versionIn(options.expect);
  const names = [...known.field.matchAll(/\$(\w+)/g)].map((match) => match[1] ?? "");
  const document = `mutation Command(${names.map((name) => `$${name}: ${TYPES[name] ?? ""}`).join(", ")}) {
    alert: ${known.field} { ${FIELDS} } }`;
  const given: Readonly<Record<string, unknown>> = { id, version, key, note, until, reason, for: lasting };
  const variables = Object.fromEntries(names.map((name) => [name, given[name]]));
  const { alert } = await client.ask<{ alert: AlertLine }>(document, variables);
  print(isJson ? JSON.stringify(alert) : alertText(alert));
}

async function versionOf(client: Client, id: string): Promise<number> {
  const { alert } = await client.ask<{ alert: { version: number } | null }>(
    "query Version($id: ID!) { alert(id: $id) { version } }",
    { id },
  );
  if (alert === null) throw failure(EXIT.failed, "NOT_FOUND: there is no such alert");
  return alert.version;
}

function versionIn(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw failure(EXIT.usage, `--expect: expected a version, found ${text}`);
}
