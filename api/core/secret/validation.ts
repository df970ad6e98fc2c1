import { tableOf } from "@atoll/base/table-of";
import type { Secret } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { base64Length, decodeBase64 } from "../../meta/base64.ts";
import { forbidden, invalidValue, isEqualJson, required, tooLong, unchanged } from "../../meta/field-error.ts";
import { checkEach } from "../../meta/long-checks.ts";
import { checkConfigKey } from "../../meta/names.ts";

/** All values together: upstream's limit, which keeps an object within one request to the store. */
export const SECRET_BYTES_MAX = 1_048_576;

export const SERVICE_ACCOUNT_NAME_ANNOTATION = "kubernetes.io/service-account.name";

const SSH_AUTH = "kubernetes.io/ssh-auth";
/** Keys that a type cannot do without. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = tableOf({
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  [SSH_AUTH]: ["ssh-privatekey"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
});
/** Which of them hold JSON. */
const DOCKER_CONFIG_KEYS: Readonly<Record<string, string>> = tableOf({
  "kubernetes.io/dockercfg": ".dockercfg",
  "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
});

export function validateSecret(secret: Secret): FieldError[] {
  const data = secret.data ?? {};
  const errors = checkEach(Object.keys(data), (key) =>
    checkConfigKey(key).map((text) => invalidValue(`data[${key}]`, key, text)),
  );
  const bytes = Object.values(data).reduce((sum, value) => sum + base64Length(value), 0);
  if (bytes > SECRET_BYTES_MAX) errors.push(tooLong("data", SECRET_BYTES_MAX));
  return [...errors, ...validateByType(secret, data)];
}

function validateByType(secret: Secret, data: Readonly<Record<string, string>>): FieldError[] {
  const type = secret.type ?? "";
  if (type === "kubernetes.io/service-account-token") {
    return secret.metadata.annotations?.[SERVICE_ACCOUNT_NAME_ANNOTATION]
      ? []
      : [required(`metadata.annotations[${SERVICE_ACCOUNT_NAME_ANNOTATION}]`)];
  }
  if (type === "kubernetes.io/basic-auth") {
    return Object.hasOwn(data, "username") || Object.hasOwn(data, "password")
      ? []
      : [required("data[username]"), required("data[password]")];
  }
  const missing = (REQUIRED_KEYS[type] ?? []).filter((key) => !isThere(data[key], type));
  const errors = missing.map((key) => required(`data[${key}]`));
  const key = DOCKER_CONFIG_KEYS[type];
  const config = key === undefined ? undefined : data[key];
  // The value itself never appears in an error.
  if (config !== undefined && !isJsonObject(config)) {
    errors.push(invalidValue(`data[${key}]`, "<secret contents redacted>", "invalid JSON"));
  }
  return errors;
}

/** Any value will do, but for a private key there must be one. */
function isThere(value: string | undefined, type: string): boolean {
  return type === SSH_AUTH ? Boolean(value) : value !== undefined;
}

export function validateSecretUpdate(secret: Secret, old: Secret): FieldError[] {
  const errors = unchanged("type", secret.type, old.type);
  if (old.immutable === true) {
    const text = "field is immutable when `immutable` is set";
    if (secret.immutable !== true) errors.push(forbidden("immutable", text));
    if (!isEqualJson(secret.data ?? {}, old.data ?? {})) errors.push(forbidden("data", text));
  }
  return [...errors, ...validateSecret(secret)];
}

/** Also "null", which upstream's language takes for an empty one. */
function isJsonObject(base64: string): boolean {
  try {
    const value: unknown = JSON.parse(decodeBase64(base64));
    return typeof value === "object" && !Array.isArray(value);
  } catch {
    // Whatever is wrong with it, the caller says so without quoting it.
    return false;
  }
}
