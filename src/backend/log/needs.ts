/**
 * What of a topic somebody may still read who keeps no place in it, such as who brings it into tables: the first offset of a
 * partition that stays whatever its age; null where nobody does. Asked anew whenever something may go.
 */
export type LogNeeds = (topic: string, partition: number) => bigint | null;
