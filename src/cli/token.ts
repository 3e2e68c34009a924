import type { Command } from "commander";
import { systemClock } from "../clock.js";
import { environment, readSettings } from "../config.js";
import { ROLES } from "../domain/caller.js";
import { EXIT, failure, print } from "./output.js";

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

export function addToken(program: Command, end: (code: number) => void): void {
  program
    .command("token")
    .description("Make a bearer token with the key of a data folder.")
    .option("--data <folder>", "data folder (default .vitalome)")
    .option("--role <role>", ROLES.join(", "), "owner")
    .option("--subject <name>", "who the token stands for; default: the role")
    .option("--expires <time>", "such as 30m, 12h or 7d", "12h")
    .addHelpText(
      "after",
      `
Examples:
  vitalome token
  vitalome token --data /srv/vitalome --role operator --expires 7d
  export VITALOME_TOKEN=$(vitalome token --subject nightly)`,
    )
    .action(
      async (options: {
        readonly data?: string;
        readonly role: string;
        readonly subject?: string;
        readonly expires: string;
      }) => {
        const role = ROLES.find((known) => known === options.role);
        if (role === undefined) throw failure(EXIT.usage, `--role: expected one of ${ROLES.join(", ")}`);
        const match = /^(\d{1,6})([smhd])$/.exec(options.expires);
        if (match === null) throw failure(EXIT.usage, "--expires: expected a number with s, m, h or d");
        const { dataDirectory } = readSettings(environment(), { dataDirectory: options.data });
        if (options.subject?.trim() === "") throw failure(EXIT.usage, "--subject: expected a name");
        const { findKeyring } = await import("../auth.js");
        const keyring = await findKeyring(dataDirectory, systemClock);
        if (keyring === null) {
          const cure = "name the folder of a service with --data, or start one with vitalome up";
          throw failure(EXIT.usage, `${dataDirectory} holds no keys: ${cure}`);
        }
        const lifetime = Number(match[1]) * (UNITS[match[2] ?? "s"] ?? 1);
        print(await keyring.issueToken({ role, subject: options.subject ?? role, lifetime }));
        end(EXIT.ok);
      },
    );
}
