// What those who decide about a request remark for the audit log alone: policies, webhooks, admission steps.

/** From which level of the audit policy on a remark is written; bodies may only be quoted where bodies are logged. */
export type AnnotationLevel = "Metadata" | "Request";

export interface AuditAnnotation {
  readonly key: string;
  readonly value: string;
  readonly level: AnnotationLevel;
}

export class AuditAnnotations {
  /** Made at the first remark: most requests have none. */
  #annotations: Map<string, AuditAnnotation> | undefined;

  /** The first remark under a key stays: nobody can talk over somebody else. */
  add(key: string, value: string, level: AnnotationLevel = "Metadata"): void {
    this.#annotations ??= new Map();
    if (!this.#annotations.has(key)) this.#annotations.set(key, { key, value, level });
  }

  all(): readonly AuditAnnotation[] {
    return this.#annotations ? [...this.#annotations.values()] : [];
  }
}
