// How a definition says that its versions are converted. Paths are upstream's, whose own form of the object differs from v1's.

import type { CustomResourceConversion } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { decodeBase64 } from "../../meta/base64.ts";
import { forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { checkDns1035Label } from "../../meta/names.ts";
import { validateWebhookClient } from "../../meta/webhook-client.ts";
import { repeatedPlaces } from "../../meta/repeats.ts";

const PATH = "spec.conversion";
const REVIEW_VERSIONS = ["v1", "v1beta1"];

export function validateConversion(conversion: CustomResourceConversion | undefined): FieldError[] {
  if (!conversion) return [];
  const { strategy, webhook }: Partial<CustomResourceConversion> = conversion;
  const errors = validateStrategy(strategy);
  const { clientConfig, conversionReviewVersions = [] } = webhook ?? {};
  if (strategy !== "Webhook") {
    const why = "should not be set when strategy is not set to Webhook";
    if (clientConfig) errors.push(forbidden(`${PATH}.webhookClientConfig`, why));
    if (conversionReviewVersions.length > 0) errors.push(forbidden(`${PATH}.conversionReviewVersions`, why));
    return errors;
  }
  if (!clientConfig) {
    errors.push(required(`${PATH}.webhookClientConfig`, "required when strategy is set to Webhook"));
  } else {
    errors.push(...validateWebhookClient(clientConfig, `${PATH}.webhookClientConfig`));
    errors.push(...validateBundle(clientConfig.caBundle ?? ""));
  }
  return [...errors, ...validateReviewVersions(conversionReviewVersions)];
}

function validateStrategy(strategy: string | undefined): FieldError[] {
  if (!strategy) return [required(`${PATH}.strategy`)];
  const known = ["None", "Webhook"];
  return known.includes(strategy) ? [] : [notSupported(`${PATH}.strategy`, strategy, known)];
}

/** Whether nobody can prove who he is to whoever uses the bundle. */
function validateBundle(caBundle: string): FieldError[] {
  if (caBundle === "" || decodeBase64(caBundle).includes("-----BEGIN CERTIFICATE-----")) return [];
  const why = "unable to load root certificates: unable to parse bytes as PEM block";
  return [invalidValue(`${PATH}.webhookClientConfig.caBundle`, caBundle, why)];
}

function validateReviewVersions(versions: readonly string[]): FieldError[] {
  const path = `${PATH}.conversionReviewVersions`;
  if (versions.length === 0) return [required(path)];
  const repeated = repeatedPlaces(versions);
  const errors = versions.flatMap((version, index) => {
    if (repeated.has(index)) return [invalidValue(`${path}[${index}]`, version, "duplicate version")];
    return checkDns1035Label(version).map((why) => invalidValue(`${path}[${index}]`, version, why));
  });
  if (!versions.some((version) => REVIEW_VERSIONS.includes(version))) {
    errors.push(invalidValue(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(", ")}`));
  }
  return errors;
}
