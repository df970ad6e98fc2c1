import type {
  Container,
  HTTPGetAction,
  IntOrString,
  Lifecycle,
  LifecycleHandler,
  Probe,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { checkPortName, checkPortNumber } from "../../meta/names.ts";

export function validateProbes(container: Container, path: string): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  return [
    ...validateProbe(livenessProbe, `${path}.livenessProbe`),
    ...validateSuccessThreshold(livenessProbe, `${path}.livenessProbe`),
    ...validateProbe(readinessProbe, `${path}.readinessProbe`),
    ...(readinessProbe?.terminationGracePeriodSeconds === undefined
      ? []
      : [
          invalidValue(
            `${path}.readinessProbe.terminationGracePeriodSeconds`,
            readinessProbe.terminationGracePeriodSeconds,
            "must not be set for readinessProbes",
          ),
        ]),
    ...validateProbe(startupProbe, `${path}.startupProbe`),
    ...validateSuccessThreshold(startupProbe, `${path}.startupProbe`),
  ];
}

const PROBE_NUMBERS = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

function validateProbe(probe: Probe | undefined, path: string): FieldError[] {
  if (!probe) return [];
  const errors = validateHandler(probe, path);
  for (const name of PROBE_NUMBERS) {
    const value = probe[name];
    if (value !== undefined && value < 0) {
      errors.push(invalidValue(`${path}.${name}`, value, "must be greater than or equal to 0"));
    }
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, "must be greater than 0"));
  }
  return errors;
}

/** A liveness or startup probe that once succeeds has said all it can. */
function validateSuccessThreshold(probe: Probe | undefined, path: string): FieldError[] {
  const threshold = probe?.successThreshold;
  return threshold === undefined || threshold === 1
    ? []
    : [invalidValue(`${path}.successThreshold`, threshold, "must be 1")];
}

export function validateLifecycle(lifecycle: Lifecycle | undefined, path: string): FieldError[] {
  return [
    ...(lifecycle?.postStart ? validateHandler(lifecycle.postStart, `${path}.postStart`) : []),
    ...(lifecycle?.preStop ? validateHandler(lifecycle.preStop, `${path}.preStop`) : []),
  ];
}

const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

function validateHandler(handler: LifecycleHandler & Pick<Probe, "grpc">, path: string): FieldError[] {
  const given = HANDLERS.filter((name) => handler[name] !== undefined);
  if (given.length === 0) return [required(path, "must specify a handler type")];
  const errors = given.slice(1).map((name) => forbidden(`${path}.${name}`, "may not specify more than 1 handler type"));
  if (handler.exec && !handler.exec.command?.length) errors.push(required(`${path}.exec.command`));
  if (handler.httpGet) errors.push(...validateHttpGet(handler.httpGet, `${path}.httpGet`));
  if (handler.tcpSocket) errors.push(...validatePort(handler.tcpSocket.port, `${path}.tcpSocket.port`));
  if (handler.grpc) errors.push(...validatePort(handler.grpc.port, `${path}.grpc.port`));
  if (handler.sleep && handler.sleep.seconds < 0) {
    errors.push(invalidValue(`${path}.sleep.seconds`, handler.sleep.seconds, "must be greater than or equal to 0"));
  }
  return errors;
}

const SCHEMES = ["HTTP", "HTTPS"];

function validateHttpGet(action: HTTPGetAction, path: string): FieldError[] {
  const errors = validatePort(action.port, `${path}.port`);
  if (!action.path) errors.push(required(`${path}.path`));
  if (!SCHEMES.includes(action.scheme ?? "")) {
    errors.push(notSupported(`${path}.scheme`, action.scheme ?? "", SCHEMES));
  }
  for (const [i, header] of (action.httpHeaders ?? []).entries()) {
    if (!/^[-A-Za-z0-9]+$/.test(header.name)) {
      const text =
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
      errors.push(invalidValue(`${path}.httpHeaders[${i}].name`, header.name, text));
    }
  }
  return errors;
}

function validatePort(port: IntOrString | undefined, field: string): FieldError[] {
  const texts = typeof port === "string" ? checkPortName(port) : checkPortNumber(port ?? 0);
  return texts.map((text) => invalidValue(field, port ?? 0, text));
}
