import type { FieldError } from "../kind.ts";
import { invalidValue, required, tooLong } from "../meta/field-error.ts";
import { DNS1123_LABEL_MAX, DNS1123_SUBDOMAIN_MAX, checkDns1123Label, checkDns1123Subdomain } from "../meta/names.ts";

/** What the built-in signers answer to. */
export const SIGNER = {
  apiClient: "kubernetes.io/kube-apiserver-client",
  kubeletClient: "kubernetes.io/kube-apiserver-client-kubelet",
  kubeletServing: "kubernetes.io/kubelet-serving",
  /** Only in old requests; nobody may ask for it any more. */
  legacyUnknown: "kubernetes.io/legacy-unknown",
} as const;

/** "namespace.name" must fit behind the slash. */
const PATH_MAX = DNS1123_LABEL_MAX + DNS1123_SUBDOMAIN_MAX + 1;

export function validateSignerName(name: string, field: string): FieldError[] {
  if (name === "") return [required(field)];
  const [domain = "", path = "", ...more] = name.split("/");
  if (more.length > 0 || !name.includes("/")) {
    const why = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalidValue(field, name, why)];
  }
  const labels = domain.split(".");
  return [
    ...(domain.length > DNS1123_SUBDOMAIN_MAX ? [tooLong(field, DNS1123_SUBDOMAIN_MAX)] : []),
    ...firstWrong(labels, checkDns1123Label).map((why) => invalidValue(field, domain, why)),
    ...(labels.length < 2
      ? [invalidValue(field, domain, "should be a domain with at least two segments separated by dots")]
      : []),
    ...firstWrong(path.split("."), checkDns1123Subdomain).map((why) => invalidValue(field, path, why)),
    ...(path.length > PATH_MAX ? [tooLong(field, PATH_MAX)] : []),
  ];
}

/** Later ones would only say the same again. */
function firstWrong(labels: readonly string[], check: (label: string) => string[]): string[] {
  for (const label of labels) {
    const problems = check(label);
    if (problems.length > 0) return problems.map((why) => `validating label ${JSON.stringify(label)}: ${why}`);
  }
  return [];
}
