import type { Service, ServicePort } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { addressFamily, checkAddress, checkBlock, checkEndpointAddress } from "../../meta/addresses.ts";
import { duplicate, forbidden, IMMUTABLE_FIELD, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { checkEach } from "../../meta/long-checks.ts";
import {
  checkDns1123Label,
  checkDns1123Subdomain,
  checkPortName,
  checkPortNumber,
  checkQualifiedName,
} from "../../meta/names.ts";
import { validateLabels } from "../../meta/object-meta.ts";
import { invalidTexts, validateChoice, validateOptionalChoice } from "../../meta/value-validation.ts";
import { validateServiceAddresses, validateServiceAddressesUpdate } from "./addresses-validation.ts";
import { isExternallyAccessible, isExternalName, isHeadless, needsHealthCheck } from "./traits.ts";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const AFFINITIES = ["ClientIP", "None"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const TRAFFIC_POLICIES = ["Cluster", "Local"];
const TRAFFIC_DISTRIBUTIONS = ["PreferClose", "PreferSameZone", "PreferSameNode"];
const ADDRESS_MODES = ["Proxy", "VIP"];
/** A day. */
const AFFINITY_TIMEOUT_SECONDS_MAX = 86_400;

const SOURCE_RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges";
const TOPOLOGY_HINTS_ANNOTATION = "service.kubernetes.io/topology-aware-hints";
const TOPOLOGY_MODE_ANNOTATION = "service.kubernetes.io/topology-mode";
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";

export function validateService(service: Service): FieldError[] {
  return validateServiceFields(service, undefined);
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const errors = validateServiceAddressesUpdate(service, old);
  const areBalanced = service.spec.type === "LoadBalancer" && old.spec.type === "LoadBalancer";
  const { loadBalancerClass } = service.spec;
  if (areBalanced && loadBalancerClass !== old.spec.loadBalancerClass) {
    errors.push(invalidValue("spec.loadBalancerClass", loadBalancerClass ?? null, "may not change once set"));
  }
  errors.push(...validateLoadBalancerClass(service));
  if (needsHealthCheck(service) && needsHealthCheck(old)) {
    const isKept = (service.spec.healthCheckNodePort ?? 0) === (old.spec.healthCheckNodePort ?? 0);
    if (!isKept) errors.push(forbidden("spec.healthCheckNodePort", IMMUTABLE_FIELD));
  }
  return [...errors, ...validateServiceFields(service, old)];
}

/** In upstream's order: clients show the first error. */
function validateServiceFields(service: Service, old: Service | undefined): FieldError[] {
  const { spec, metadata } = service;
  const { ports = [] } = spec;
  const errors: FieldError[] = [];
  const hints = metadata.annotations?.[TOPOLOGY_HINTS_ANNOTATION];
  const mode = metadata.annotations?.[TOPOLOGY_MODE_ANNOTATION];
  if (hints !== undefined && mode !== undefined && hints !== mode) {
    const text = `must match annotations[${TOPOLOGY_HINTS_ANNOTATION}] when both are specified`;
    errors.push(invalidValue(`metadata.annotations[${TOPOLOGY_MODE_ANNOTATION}]`, mode, text));
  }
  if (ports.length === 0 && !isHeadless(service) && !isExternalName(service)) errors.push(required("spec.ports"));
  if (isHeadless(service) && (spec.type === "LoadBalancer" || spec.type === "NodePort")) {
    const text = `may not be set to 'None' for ${spec.type} services`;
    errors.push(invalidValue("spec.clusterIPs[0]", spec.clusterIPs?.[0], text));
  }
  if (isExternalName(service)) errors.push(...validateExternalName(spec));
  errors.push(
    ...validatePorts(ports),
    ...validateLabels(spec.selector, "spec.selector"),
    ...validateAffinity(spec),
    ...validateServiceAddresses(service, old),
    ...validateExternalAddresses(spec.externalIPs ?? [], old?.spec.externalIPs ?? []),
    ...validateChoice(spec.type, TYPES, "spec.type"),
    ...validatePortNumbers(service),
    ...validateSourceRanges(service, old),
  );
  if (spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== "LoadBalancer") {
    errors.push(forbidden("spec.allocateLoadBalancerNodePorts", ONLY_LOAD_BALANCER));
  }
  errors.push(
    ...validateLoadBalancerClass(service),
    ...validateExternalTraffic(service),
    ...(isExternalName(service) && spec.internalTrafficPolicy === undefined
      ? []
      : validateChoice(spec.internalTrafficPolicy, TRAFFIC_POLICIES, "spec.internalTrafficPolicy")),
    ...validateOptionalChoice(spec.trafficDistribution, TRAFFIC_DISTRIBUTIONS, "spec.trafficDistribution"),
  );
  return errors;
}

function validateExternalName(spec: Service["spec"]): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (field: string) => errors.push(forbidden(`spec.${field}`, "may not be set for ExternalName services"));
  if (spec.clusterIPs?.length) refuse("clusterIPs");
  if (spec.ipFamilies?.length) refuse("ipFamilies");
  if (spec.ipFamilyPolicy !== undefined) refuse("ipFamilyPolicy");
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  if (name === "") return [...errors, required("spec.externalName")];
  return [...errors, ...invalidTexts("spec.externalName", name, checkDns1123Subdomain(name))];
}

function validatePorts(ports: readonly ServicePort[]): FieldError[] {
  const names = new Set<string>();
  return checkEach(ports, (port, i) => {
    const path = `spec.ports[${i}]`;
    const errors: FieldError[] = [];
    if (!port.name) {
      if (ports.length > 1) errors.push(required(`${path}.name`));
    } else {
      errors.push(...invalidTexts(`${path}.name`, port.name, checkDns1123Label(port.name)));
      if (names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name));
      names.add(port.name);
    }
    const number = port.port ?? 0;
    errors.push(
      ...invalidTexts(`${path}.port`, number, checkPortNumber(number)),
      ...validateChoice(port.protocol, PROTOCOLS, `${path}.protocol`),
    );
    const target = port.targetPort ?? 0;
    const texts = typeof target === "string" ? checkPortName(target) : checkPortNumber(target);
    errors.push(...invalidTexts(`${path}.targetPort`, target, texts));
    if (port.appProtocol !== undefined) {
      errors.push(...invalidTexts(`${path}.appProtocol`, port.appProtocol, checkQualifiedName(port.appProtocol)));
    }
    return errors;
  });
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: Service["spec"]): FieldError[] {
  const errors = validateChoice(sessionAffinity, AFFINITIES, "spec.sessionAffinity");
  const path = "spec.sessionAffinityConfig";
  if (sessionAffinity === "None" && sessionAffinityConfig) {
    errors.push(forbidden(path, "must not be set when session affinity is None"));
  }
  const timeout = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (sessionAffinity === "ClientIP" && timeout !== undefined) {
    if (timeout <= 0 || timeout > AFFINITY_TIMEOUT_SECONDS_MAX) {
      const text = `must be greater than 0 and less than ${AFFINITY_TIMEOUT_SECONDS_MAX}`;
      errors.push(invalidValue(`${path}.clientIP.timeoutSeconds`, timeout, text));
    }
  }
  return errors;
}

function validateExternalAddresses(addresses: readonly string[], known: readonly string[]): FieldError[] {
  return addresses.flatMap((address, i) => {
    const texts = known.includes(address) ? [] : checkAddress(address);
    return invalidTexts(`spec.externalIPs[${i}]`, address, texts.length > 0 ? texts : checkEndpointAddress(address));
  });
}

function validatePortNumbers({ spec }: Service): FieldError[] {
  const errors: FieldError[] = [];
  const entries = (spec.ports ?? []).map((port, i) => ({ ...port, path: `spec.ports[${i}]` }));
  for (const { nodePort, path } of entries) {
    if (spec.type === "ClusterIP" && nodePort) {
      errors.push(forbidden(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    }
  }
  const nodePorts = new Set<string>();
  for (const { nodePort, protocol, path } of entries) {
    if (!nodePort) continue;
    const identity = `${protocol}/${nodePort}`;
    if (nodePorts.has(identity)) errors.push(duplicate(`${path}.nodePort`, nodePort));
    nodePorts.add(identity);
  }
  const ports = new Set<string>();
  for (const { port, protocol, path } of entries) {
    const identity = `${protocol}/${port}`;
    if (ports.has(identity)) errors.push(duplicate(path, { protocol, port }));
    ports.add(identity);
  }
  return errors;
}

function validateSourceRanges({ spec, metadata }: Service, old: Service | undefined): FieldError[] {
  const refused = (path: string) => (spec.type === "LoadBalancer" ? [] : [forbidden(path, ONLY_LOAD_BALANCER)]);
  const ranges = spec.loadBalancerSourceRanges ?? [];
  if (ranges.length > 0) {
    const path = "spec.LoadBalancerSourceRanges";
    const known = (old?.spec.loadBalancerSourceRanges ?? []).map((range) => range.trim());
    return [
      ...refused(path),
      ...ranges.flatMap((padded, i) => {
        const range = padded.trim();
        return known.includes(range) ? [] : invalidTexts(`${path}[${i}]`, range, checkBlock(range));
      }),
    ];
  }
  const annotation = metadata.annotations?.[SOURCE_RANGES_ANNOTATION];
  if (annotation === undefined) return [];
  const path = `metadata.annotations[${SOURCE_RANGES_ANNOTATION}]`;
  const isKept = old?.metadata.annotations?.[SOURCE_RANGES_ANNOTATION] === annotation;
  if (isKept || annotation.trim() === "") return refused(path);
  const texts = annotation.split(",").map((range) => range.trim());
  return [...refused(path), ...texts.flatMap((range) => invalidTexts(path, range, checkBlock(range)))];
}

function validateLoadBalancerClass({ spec: { type, loadBalancerClass } }: Service): FieldError[] {
  if (loadBalancerClass === undefined) return [];
  const path = "spec.loadBalancerClass";
  if (type !== "LoadBalancer") return [forbidden(path, ONLY_LOAD_BALANCER)];
  return invalidTexts(path, loadBalancerClass, checkQualifiedName(loadBalancerClass));
}

function validateExternalTraffic(service: Service): FieldError[] {
  const { externalTrafficPolicy = "", healthCheckNodePort = 0 } = service.spec;
  const errors: FieldError[] = [];
  const policy = "spec.externalTrafficPolicy";
  if (isExternallyAccessible(service)) {
    errors.push(...validateChoice(externalTrafficPolicy, TRAFFIC_POLICIES, policy));
  } else if (externalTrafficPolicy !== "") {
    errors.push(invalidValue(policy, externalTrafficPolicy, "may only be set for externally-accessible services"));
  }
  const port = "spec.healthCheckNodePort";
  if (needsHealthCheck(service)) {
    if (healthCheckNodePort === 0) errors.push(required(port));
    else errors.push(...invalidTexts(port, healthCheckNodePort, checkPortNumber(healthCheckNodePort)));
  } else if (healthCheckNodePort !== 0) {
    const text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalidValue(port, healthCheckNodePort, text));
  }
  return errors;
}

export function validateServiceStatusUpdate({ spec, status }: Service, old: Service): FieldError[] {
  const path = "status.loadBalancer.ingress";
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (spec.type !== "LoadBalancer" && ingress.length > 0) {
    return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  const known = (old.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
  return ingress.flatMap(({ ip = "", ipMode, hostname = "" }, i) => {
    const field = `${path}[${i}]`;
    const errors = ip === "" || known.includes(ip) ? [] : invalidTexts(`${field}.ip`, ip, checkAddress(ip));
    if (ipMode === undefined) {
      if (ip !== "") errors.push(required(`${field}.ipMode`, "must be specified when `ip` is set"));
    } else if (ip === "") {
      errors.push(forbidden(`${field}.ipMode`, "may not be specified when `ip` is not set"));
    } else if (!ADDRESS_MODES.includes(ipMode)) {
      errors.push(notSupported(`${field}.ipMode`, ipMode, ADDRESS_MODES));
    }
    if (hostname !== "") {
      errors.push(...invalidTexts(`${field}.hostname`, hostname, checkDns1123Subdomain(hostname)));
      if (addressFamily(hostname)) {
        errors.push(invalidValue(`${field}.hostname`, hostname, "must be a DNS name, not an IP address"));
      }
    }
    return errors;
  });
}
