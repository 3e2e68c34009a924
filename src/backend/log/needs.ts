/**
 * What of a topic somebody may still read who keeps no place in it, such as who brings it into tables: the first offset of a
 * partition that stays whatever its age; null where nobody does. Asked anew whenever something may go.
 */
export type LogNeeds = (topic: string, partition: number) => bigint | null;

/** What has to stay for any of them. */
export function allNeeds(all: readonly LogNeeds[]): LogNeeds {
  return (topic, partition) =>
    all
      .map((needs) => needs(topic, partition))
      .reduce((least, next) => (least === null || (next !== null && next < least) ? next : least), null);
}
