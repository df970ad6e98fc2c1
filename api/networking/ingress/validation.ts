import type { HTTPIngressPath, Ingress, IngressBackend, IngressRule, IngressTLS } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { addressFamily, checkAddress } from "../../meta/addresses.ts";
import { invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { checkEach } from "../../meta/long-checks.ts";
import {
  checkDns1123Label,
  checkDns1123Subdomain,
  checkPathSegment,
  checkPortName,
  checkPortNumber,
  checkWildcardSubdomain,
} from "../../meta/names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";

const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"];
/** What would let a path mean another than it shows. */
const REFUSED_SEQUENCES = ["//", "/./", "/../", "%2f", "%2F"];
const REFUSED_ENDS = ["/..", "/."];

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

export function validateNewIngress(ingress: Ingress): FieldError[] {
  const errors = validateIngress(ingress);
  const older = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  const { ingressClassName } = ingress.spec ?? {};
  if (older === undefined || ingressClassName === undefined || older === ingressClassName) return errors;
  const text = "must match `ingressClassName` when both are specified";
  return [...errors, invalidValue(`annotations.${CLASS_ANNOTATION}`, older, text)];
}

/** Addresses that are there already may be older than the rules. */
export function validateIngressStatus({ status }: Ingress, old: Ingress): FieldError[] {
  const known = new Set((old.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip));
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }, i) => {
    const path = `status.loadBalancer.ingress[${i}]`;
    const errors = ip && !known.has(ip) ? invalidTexts(`${path}.ip`, ip, checkAddress(ip)) : [];
    if (!hostname) return errors;
    errors.push(...invalidTexts(`${path}.hostname`, hostname, checkDns1123Subdomain(hostname)));
    if (addressFamily(hostname)) {
      errors.push(invalidValue(`${path}.hostname`, hostname, "must be a DNS name, not an IP address"));
    }
    return errors;
  });
}

export function validateIngress({ spec }: Ingress): FieldError[] {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec ?? {};
  const errors: FieldError[] = [];
  if (rules.length === 0 && !defaultBackend) {
    const text = "either `defaultBackend` or `rules` must be specified";
    errors.push(invalidValue("spec", spec?.rules ?? null, text));
  }
  if (defaultBackend) errors.push(...validateBackend(defaultBackend, "spec.defaultBackend"));
  errors.push(
    ...checkEach(rules, (rule, i) => validateRule(rule, `spec.rules[${i}]`)),
    ...checkEach(tls, (entry, i) => validateTls(entry, `spec.tls[${i}]`)),
  );
  if (ingressClassName === undefined) return errors;
  const texts = checkDns1123Subdomain(ingressClassName);
  return [...errors, ...invalidTexts("spec.ingressClassName", ingressClassName, texts)];
}

function checkHost(host: string): string[] {
  return host.includes("*") ? checkWildcardSubdomain(host) : checkDns1123Subdomain(host);
}

function validateRule({ host, http }: IngressRule, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (host) {
    if (addressFamily(host)) {
      errors.push(invalidValue(`${path}.host`, host, "must be a DNS name, not an IP address"));
    }
    errors.push(...invalidTexts(`${path}.host`, host, checkHost(host)));
  }
  if (!http) return errors;
  if (!http.paths?.length) errors.push(required(`${path}.http.paths`));
  return [...errors, ...checkEach(http.paths ?? [], (entry, i) => validatePath(entry, `${path}.http.paths[${i}]`))];
}

function validatePath({ path = "", pathType, backend }: HTTPIngressPath, field: string): FieldError[] {
  if (pathType === undefined) return [required(`${field}.pathType`, "pathType must be specified")];
  const errors: FieldError[] = [];
  const refuse = (text: string) => errors.push(invalidValue(`${field}.path`, path, text));
  if (!PATH_TYPES.includes(pathType)) errors.push(notSupported(`${field}.pathType`, pathType, PATH_TYPES));
  else if (pathType === "ImplementationSpecific") {
    if (path !== "" && !path.startsWith("/")) refuse("must be an absolute path");
  } else {
    if (!path.startsWith("/")) refuse("must be an absolute path");
    for (const part of REFUSED_SEQUENCES) if (path.includes(part)) refuse(`must not contain '${part}'`);
    for (const end of REFUSED_ENDS) if (path.endsWith(end)) refuse(`cannot end with '${end}'`);
  }
  return [...errors, ...validateBackend(backend ?? {}, `${field}.backend`)];
}

function validateBackend({ resource, service }: IngressBackend, path: string): FieldError[] {
  if (resource && service) return [invalidValue(path, "", "cannot set both resource and service backends")];
  if (resource) {
    const { apiGroup } = resource;
    const errors =
      apiGroup === undefined
        ? []
        : invalidTexts(`${path}.resource.apiGroup`, apiGroup, checkDns1123Subdomain(apiGroup));
    return [
      ...errors,
      ...(["kind", "name"] as const).flatMap((name) => {
        const value = resource[name];
        const field = `${path}.resource.${name}`;
        return value ? invalidTexts(field, value, checkPathSegment(value)) : [required(field)];
      }),
    ];
  }
  if (!service) return [invalidValue(path, "", "resource or service backend is required")];
  const field = `${path}.service`;
  const errors = service.name
    ? invalidTexts(`${field}.name`, service.name, checkDns1123Label(service.name))
    : [required(`${field}.name`)];
  const { name, number } = service.port ?? {};
  if (name && number) errors.push(invalidValue(path, "", "cannot set both port name & port number"));
  else if (name) errors.push(...invalidTexts(`${field}.port.name`, name, checkPortName(name)));
  else if (number) errors.push(...invalidTexts(`${field}.port.number`, number, checkPortNumber(number)));
  else errors.push(required(path, "port name or number is required"));
  return errors;
}

function validateTls({ hosts = [], secretName }: IngressTLS, path: string): FieldError[] {
  return [
    ...hosts.flatMap((host, i) => invalidTexts(`${path}.hosts[${i}]`, host, checkHost(host))),
    ...(secretName ? invalidTexts(`${path}.secretName`, secretName, checkDns1123Subdomain(secretName)) : []),
  ];
}
