import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, isEqualJson, notSupported, required } from "../../meta/field-error.ts";
import { checkDns1123Label, checkDns1123Subdomain } from "../../meta/names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import { EXEMPT, mandatoryFlowSchemas } from "../bootstrap.ts";

const PRECEDENCE_MAX = 10_000;
const DISTINGUISHERS = ["ByNamespace", "ByUser"];
const SUBJECTS = ["Group", "ServiceAccount", "User"];
const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

export function validateFlowSchema({ metadata, spec }: FlowSchema): FieldError[] {
  const { name = "" } = metadata;
  const {
    matchingPrecedence: precedence = 0,
    distinguisherMethod,
    priorityLevelConfiguration,
    rules = [],
  } = spec ?? {};
  const errors: FieldError[] = [];
  const field = "spec.matchingPrecedence";
  if (precedence <= 0) errors.push(invalidValue(field, precedence, "must be a positive value"));
  if (precedence > PRECEDENCE_MAX) {
    errors.push(invalidValue(field, precedence, `must not be greater than ${PRECEDENCE_MAX}`));
  }
  if (precedence === 1 && name !== EXEMPT) {
    errors.push(invalidValue(field, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  }
  if (distinguisherMethod && !DISTINGUISHERS.includes(distinguisherMethod.type)) {
    errors.push(notSupported("spec.distinguisherMethod.type", distinguisherMethod, DISTINGUISHERS));
  }
  const level = priorityLevelConfiguration?.name ?? "";
  const levelField = "spec.priorityLevelConfiguration.name";
  if (level === "") errors.push(required(levelField, "must reference a priority level"));
  else errors.push(...invalidTexts(levelField, level, checkDns1123Subdomain(level)));
  errors.push(...rules.flatMap((rule, index) => validateRules(rule, `spec.rules[${index}]`)));
  const fixed = mandatoryFlowSchemas.find((seed) => seed.name === name)?.spec;
  if (fixed && !isEqualJson(fixed, spec)) {
    errors.push(invalidValue("spec", spec, `spec of '${name}' must equal the fixed value`));
  }
  return errors;
}

function validateRules(rule: PolicyRulesWithSubjects, path: string): FieldError[] {
  const { subjects = [], resourceRules = [], nonResourceRules = [] } = rule;
  const errors =
    subjects.length === 0
      ? [required(`${path}.subjects`, "subjects must contain at least one value")]
      : subjects.flatMap((subject, index) => validateSubject(subject, `${path}.subjects[${index}]`));
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    errors.push(required(path, "at least one of resourceRules and nonResourceRules has to be non-empty"));
  }
  return [
    ...errors,
    ...resourceRules.flatMap((entry, index) => validateResourceRule(entry, `${path}.resourceRules[${index}]`)),
    ...nonResourceRules.flatMap((entry, index) => validatePathRule(entry, `${path}.nonResourceRules[${index}]`)),
  ];
}

function validateSubject(subject: Subject, path: string): FieldError[] {
  const { kind, user, group, serviceAccount } = subject;
  if (!SUBJECTS.includes(kind)) return [notSupported(`${path}.kind`, kind, SUBJECTS)];
  const errors: FieldError[] = [];
  const parts = { User: ["user", user], Group: ["group", group], ServiceAccount: ["serviceAccount", serviceAccount] };
  for (const [owner, [name, value]] of Object.entries(parts)) {
    if (owner === kind && value === undefined) {
      errors.push(required(`${path}.${name}`, `${name} is required when subject kind is '${kind}'`));
    }
    if (owner !== kind && value !== undefined) {
      errors.push(forbidden(`${path}.${name}`, `${name} is forbidden when subject kind is not '${owner}'`));
    }
  }
  if (kind === "User" && user?.name === "") errors.push(required(`${path}.user.name`));
  if (kind === "Group" && group?.name === "") errors.push(required(`${path}.group.name`));
  return kind === "ServiceAccount" ? [...errors, ...validateAccount(serviceAccount, path)] : errors;
}

function validateAccount(account: Subject["serviceAccount"], path: string): FieldError[] {
  if (!account) return [];
  const { name, namespace } = account;
  const [nameField, namespaceField] = [`${path}.serviceAccount.name`, `${path}.serviceAccount.namespace`];
  const errors: FieldError[] = [];
  if (!name) errors.push(required(nameField));
  else if (name !== "*") errors.push(...invalidTexts(nameField, name, checkDns1123Subdomain(name)));
  if (namespace) return [...errors, ...invalidTexts(namespaceField, namespace, checkDns1123Label(namespace))];
  return [...errors, required(namespaceField, "must specify namespace for service account")];
}

/** "*" stands alone or not at all. */
function validateWords(words: readonly string[] | undefined, field: string, texts: { empty: string; others: string }) {
  if (!words?.length) return [required(field, texts.empty)];
  if (words.length === 1 || !words.includes("*")) return [];
  return [invalidValue(field, words, `if '*' is present, must not specify other ${texts.others}`)];
}

function validateVerbs(verbs: readonly string[] | undefined, path: string): FieldError[] {
  const field = `${path}.verbs`;
  const errors = validateWords(verbs, field, { empty: "verbs must contain at least one value", others: "verbs" });
  const isKnown = (verbs ?? []).includes("*") || (verbs ?? []).every((verb) => VERBS.includes(verb));
  return isKnown ? errors : [...errors, notSupported(field, verbs, VERBS)];
}

function validateResourceRule(rule: ResourcePolicyRule, path: string): FieldError[] {
  const { verbs, apiGroups, resources, namespaces = [], clusterScope } = rule;
  const groupWords = { empty: "resource rules must supply at least one api group", others: "api groups" };
  const resourceWords = { empty: "resource rules must supply at least one resource", others: "resources" };
  return [
    ...validateVerbs(verbs, path),
    ...validateWords(apiGroups, `${path}.apiGroups`, groupWords),
    ...validateWords(resources, `${path}.resources`, resourceWords),
    ...validateNamespaces(namespaces, clusterScope === true, `${path}.namespaces`),
  ];
}

function validateNamespaces(namespaces: readonly string[], isCluster: boolean, field: string): FieldError[] {
  if (namespaces.length === 0) {
    const text = "resource rules that are not cluster scoped must supply at least one namespace";
    return isCluster ? [] : [required(field, text)];
  }
  if (namespaces.includes("*")) return validateWords(namespaces, field, { empty: "", others: "namespaces" });
  return namespaces.flatMap((name, index) =>
    checkDns1123Label(name).map((text) =>
      invalidValue(`${field}[${index}]`, name, `each member of this list must be '*' or a DNS-1123 label; ${text}`),
    ),
  );
}

function validatePathRule({ verbs, nonResourceURLs: paths = [] }: NonResourcePolicyRule, path: string): FieldError[] {
  const field = `${path}.nonResourceURLs`;
  const words = { empty: "nonResourceURLs must contain at least one value", others: "non-resource URLs" };
  const errors = [...validateVerbs(verbs, path), ...validateWords(paths, field, words)];
  if (paths.includes("*")) return errors;
  return [...errors, ...paths.flatMap((url, index) => checkPath(url, `${field}[${index}]`))];
}

function checkPath(path: string, field: string): FieldError[] {
  if (path === "/") return [];
  const refuse = (text: string) => [invalidValue(field, path, text)];
  if (path === "") return refuse("must not be empty");
  if (!path.startsWith("/")) return refuse("must start with slash");
  if (path.includes(" ")) return refuse("must not contain white-space");
  if (path.includes("//")) return refuse("must not contain double slash");
  const star = path.indexOf("*");
  if (star >= 0 && (star !== path.length - 1 || path[star - 1] !== "/")) {
    return refuse("wildcard can only do suffix matching");
  }
  return [];
}
