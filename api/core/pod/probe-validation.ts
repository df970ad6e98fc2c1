import type {
  Container,
  HTTPGetAction,
  IntOrString,
  Lifecycle,
  LifecycleHandler,
  PodSpec,
  Probe,
  SleepAction,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { checkPortName, checkPortNumber } from "../../meta/names.ts";
import { invalidTexts, validateNotNegative } from "../../meta/value-validation.ts";

export function validateProbes(container: Container, path: string): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  const grace = readinessProbe?.terminationGracePeriodSeconds;
  const field = `${path}.readinessProbe`;
  return [
    ...validateProbe(livenessProbe, `${path}.livenessProbe`),
    ...validateSuccessThreshold(livenessProbe, `${path}.livenessProbe`),
    ...validateProbe(readinessProbe, field),
    ...(grace === undefined
      ? []
      : [invalidValue(`${field}.terminationGracePeriodSeconds`, grace, "must not be set for readinessProbes")]),
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
  const errors = validateHandler(probe, undefined, path);
  for (const name of PROBE_NUMBERS) errors.push(...validateNotNegative(probe[name], `${path}.${name}`));
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

export function validateLifecycle(lifecycle: Lifecycle | undefined, spec: PodSpec, path: string): FieldError[] {
  const { postStart, preStop } = lifecycle ?? {};
  const graceSeconds = spec.terminationGracePeriodSeconds;
  return [
    ...(postStart ? validateHandler(postStart, graceSeconds, `${path}.postStart`) : []),
    ...(preStop ? validateHandler(preStop, graceSeconds, `${path}.preStop`) : []),
  ];
}

/** The first handler is looked at; each further one is one too many. */
function validateHandler(
  handler: LifecycleHandler & Pick<Probe, "grpc">,
  graceSeconds: number | undefined,
  path: string,
): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  const checks: readonly (readonly [string, (() => FieldError[]) | undefined])[] = [
    ["exec", exec && (() => (exec.command?.length ? [] : [required(`${path}.exec.command`)]))],
    ["httpGet", httpGet && (() => validateHttpGet(httpGet, `${path}.httpGet`))],
    ["tcpSocket", tcpSocket && (() => validatePort(tcpSocket.port, `${path}.tcpSocket.port`))],
    ["grpc", grpc && (() => validatePort(grpc.port, `${path}.grpc.port`))],
    ["sleep", sleep && (() => validateSleep(sleep, graceSeconds, `${path}.sleep`))],
  ];
  const given = checks.flatMap(([name, check]) => (check ? [{ name, check }] : []));
  const [first, ...others] = given;
  if (!first) return [required(path, "must specify a handler type")];
  return [
    ...first.check(),
    ...others.map(({ name }) => forbidden(`${path}.${name}`, "may not specify more than 1 handler type")),
  ];
}

/** As long as the pod is given to stop, at most. */
function validateSleep({ seconds = 0 }: Partial<SleepAction>, graceSeconds: number | undefined, field: string) {
  if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return [];
  const text = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
  return [invalidValue(field, seconds, text)];
}

const SCHEMES = ["HTTP", "HTTPS"];
const HEADER_NAME = /^[-A-Za-z0-9]+$/;
const HEADER_TEXT =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";

function validateHttpGet({ path: urlPath, port, scheme = "", httpHeaders = [] }: HTTPGetAction, path: string) {
  return [
    ...(urlPath ? [] : [required(`${path}.path`)]),
    ...validatePort(port, `${path}.port`),
    ...(SCHEMES.includes(scheme) ? [] : [notSupported(`${path}.scheme`, scheme, SCHEMES)]),
    ...httpHeaders
      .filter(({ name = "" }) => !HEADER_NAME.test(name))
      .map(({ name = "" }) => invalidValue(`${path}.httpHeaders`, name, HEADER_TEXT)),
  ];
}

function validatePort(port: IntOrString | undefined, field: string): FieldError[] {
  const texts = typeof port === "string" ? checkPortName(port) : checkPortNumber(port ?? 0);
  return invalidTexts(field, port ?? 0, texts);
}
