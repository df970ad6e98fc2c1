import type { ConfigMap } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, isEqualJson, tooLong } from "../../meta/field-error.ts";
import { base64Length } from "../../meta/base64.ts";
import { checkEach } from "../../meta/long-checks.ts";
import { checkConfigKey } from "../../meta/names.ts";
import { utf8Length } from "../../meta/object-meta.ts";

/** All values together: upstream's limit, which keeps an object within one request to the store. */
export const CONFIG_MAP_BYTES_MAX = 1_048_576;

export function validateConfigMap(configMap: ConfigMap): FieldError[] {
  const data = Object.entries(configMap.data ?? {});
  const binaryData = Object.entries(configMap.binaryData ?? {});
  const errors = checkEach(data, ([key]) => validateKey(key, "data"));
  for (const [key] of data) {
    if (configMap.binaryData && Object.hasOwn(configMap.binaryData, key)) {
      errors.push(invalidValue(`data[${key}]`, key, "duplicate of key present in binaryData"));
    }
  }
  errors.push(...checkEach(binaryData, ([key]) => validateKey(key, "binaryData")));
  const bytes =
    data.reduce((sum, [, value]) => sum + utf8Length(value), 0) +
    binaryData.reduce((sum, [, value]) => sum + base64Length(value), 0);
  if (bytes > CONFIG_MAP_BYTES_MAX) errors.push(tooLong("", CONFIG_MAP_BYTES_MAX));
  return errors;
}

export function validateConfigMapUpdate(configMap: ConfigMap, old: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  if (old.immutable === true) {
    const text = "field is immutable when `immutable` is set";
    if (configMap.immutable !== true) errors.push(forbidden("immutable", text));
    if (!isEqualJson(configMap.data ?? {}, old.data ?? {})) errors.push(forbidden("data", text));
    if (!isEqualJson(configMap.binaryData ?? {}, old.binaryData ?? {})) errors.push(forbidden("binaryData", text));
  }
  return [...errors, ...validateConfigMap(configMap)];
}

function validateKey(key: string, field: string): FieldError[] {
  return checkConfigKey(key).map((text) => invalidValue(`${field}[${key}]`, key, text));
}
