import type { Service, ServicePort } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, forbidden, invalidValue, notSupported, required, unchanged } from "../../meta/field-error.ts";
import { checkDns1123Label, checkDns1123Subdomain, checkPortName, checkPortNumber } from "../../meta/names.ts";
import { validateLabels } from "../../meta/object-meta.ts";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const AFFINITIES = ["ClientIP", "None"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const HEADLESS = "None";

export function validateService({ spec }: Service): FieldError[] {
  const errors = validateLabels(spec.selector, "spec.selector");
  const isHeadless = spec.clusterIP === HEADLESS;
  if (!TYPES.includes(spec.type ?? "")) errors.push(notSupported("spec.type", spec.type ?? "", TYPES));
  if (!AFFINITIES.includes(spec.sessionAffinity ?? "")) {
    errors.push(notSupported("spec.sessionAffinity", spec.sessionAffinity ?? "", AFFINITIES));
  }
  if (!spec.ports?.length && !isHeadless && spec.type !== "ExternalName") errors.push(required("spec.ports"));
  if (isHeadless && (spec.type === "LoadBalancer" || spec.type === "NodePort")) {
    errors.push(invalidValue("spec.clusterIPs[0]", HEADLESS, "may not be set to 'None' for LoadBalancer services"));
  }
  if (spec.type === "ExternalName") errors.push(...validateExternalName(spec));
  return [...errors, ...validatePorts(spec.ports ?? [])];
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const errors = validateService(service);
  const isKept = service.spec.type !== "ExternalName" && old.spec.type !== "ExternalName";
  // An address, once given, stays for the service's life.
  if (isKept && old.spec.clusterIP) {
    errors.push(...unchanged("spec.clusterIPs[0]", service.spec.clusterIP, old.spec.clusterIP));
  }
  return errors;
}

function validateExternalName(spec: Service["spec"]): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.clusterIP) errors.push(forbidden("spec.clusterIPs", "may not be set when `type` is 'ExternalName'"));
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  if (name === "") return [...errors, required("spec.externalName")];
  return [...errors, ...checkDns1123Subdomain(name).map((text) => invalidValue("spec.externalName", name, text))];
}

function validatePorts(ports: readonly ServicePort[]): FieldError[] {
  const names = new Set<string>();
  const identities = new Set<string>();
  return ports.flatMap((port, i) => {
    const path = `spec.ports[${i}]`;
    const errors: FieldError[] = [];
    if (!port.name) {
      if (ports.length > 1) errors.push(required(`${path}.name`));
    } else {
      errors.push(...checkDns1123Label(port.name).map((text) => invalidValue(`${path}.name`, port.name, text)));
      if (names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name));
      names.add(port.name);
    }
    errors.push(...checkPortNumber(port.port ?? 0).map((text) => invalidValue(`${path}.port`, port.port ?? 0, text)));
    if (!PROTOCOLS.includes(port.protocol ?? "")) {
      errors.push(notSupported(`${path}.protocol`, port.protocol ?? "", PROTOCOLS));
    }
    const target = port.targetPort;
    const texts = typeof target === "string" ? checkPortName(target) : checkPortNumber(target ?? 0);
    errors.push(...texts.map((text) => invalidValue(`${path}.targetPort`, target ?? 0, text)));
    const identity = `${port.protocol}/${port.port}`;
    if (identities.has(identity)) errors.push(duplicate(path, { port: port.port, protocol: port.protocol }));
    identities.add(identity);
    return errors;
  });
}
