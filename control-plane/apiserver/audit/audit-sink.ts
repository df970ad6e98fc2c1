// Where audit events go: each to all of them.

export interface AuditSink {
  /** As `apiserver_audit_error_total` calls it. */
  readonly plugin: "log" | "webhook";
  /** `event`: JSON in one line, without its end. Never waits; what there is no room for is counted. */
  write(event: string): void;
  readonly counts: AuditCounts;
}

export interface AuditCounts {
  readonly written: number;
  readonly dropped: number;
}

/** Characters of events that wait in one sink. An audit that stops the server would be a way to stop it. */
export const WAITING_MAX = 16 * 1024 * 1024;
