/** One access to a person's data; key: the writer, whose events are a chain of hashes. */
export interface AuditRecorded {
  readonly schema: 1;
  readonly id: string;
  readonly writer: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly action: string;
  readonly outcome: "success" | "refused" | "failed";
  readonly agent: string;
  readonly role: string;
  readonly tenant: string;
  readonly purposeOfUse: string | null;
  readonly patientIds: readonly string[];
  readonly operationName: string | null;
  readonly fieldsRead: readonly string[];
  readonly fieldsFilteredOn: readonly string[];
  readonly rows: number | null;
  readonly decision: string;
  /** Hash of the writer's event before; empty for its first. */
  readonly previousHash: string;
  readonly hash: string;
}
