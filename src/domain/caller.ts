export const ROLES = ["owner", "clinician", "researcher", "analyst", "operator", "alert_admin", "device"] as const;
export type Role = (typeof ROLES)[number];

/** Who asks, as the token says. */
export interface Caller {
  readonly subject: string;
  readonly role: Role;
  readonly tenant: string;
  /** Milliseconds since the epoch. */
  readonly tokenExpiresAt: number;
}
