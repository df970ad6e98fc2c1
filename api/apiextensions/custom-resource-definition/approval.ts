// Groups under k8s.io are Kubernetes' own: a definition there names the pull request that agreed to it, or says that none did.

export const APPROVAL_ANNOTATION = "api-approved.kubernetes.io";
const EXPLANATION = "https://github.com/kubernetes/enhancements/pull/1111";

export interface Approval {
  readonly state: "approved" | "bypassed" | "missing" | "invalid";
  readonly message: string;
}

/** Undefined: the group is nobody's in particular. */
export function approvalOf(group: string, annotations: Readonly<Record<string, string>> = {}): Approval | undefined {
  if (
    group !== "k8s.io" &&
    !group.endsWith(".k8s.io") &&
    group !== "kubernetes.io" &&
    !group.endsWith(".kubernetes.io")
  ) {
    return undefined;
  }
  const value = annotations[APPROVAL_ANNOTATION] ?? "";
  const name = JSON.stringify(APPROVAL_ANNOTATION);
  if (value === "") {
    return { state: "missing", message: `protected groups must have approval annotation ${name}, see ${EXPLANATION}` };
  }
  if (value.startsWith("unapproved")) return { state: "bypassed", message: `not approved: ${JSON.stringify(value)}` };
  if (URL.canParse(value) && new URL(value).host !== "") return { state: "approved", message: `approved in ${value}` };
  const rule = `with either a URL or a reason starting with "unapproved"`;
  return {
    state: "invalid",
    message: `protected groups must have approval annotation ${name} ${rule}, see ${EXPLANATION}`,
  };
}
