import { readFile, writeFile } from "node:fs/promises";
import { follow } from "@vitalome/client";

const [, , url, token, file] = process.argv;

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

const alerts = follow({
  url,
  token,
  query: `subscription Alerts($after: Cursor) {
    alerts(after: $after, minPriority: MEDIUM) {
      cursor sequence event {
        __typename
        ... on AlertChange { alert { id priority presence message } transition { reason } }
        ... on StreamGap { lost reason }
        ... on StreamHeartbeat { periodMs lagMs }
      }
    }
  }`,
  // Where it ended last time; the first time it begins now.
  after: () => readFile(file, "utf8").catch(() => null),
  store: (cursor) => writeFile(file, cursor),
  signal: stop.signal,
});

for await (const followed of alerts) {
  if (followed.kind === "event") console.log(JSON.stringify(followed.event));
  else if (followed.kind !== "heartbeat") console.error(JSON.stringify(followed));
}
