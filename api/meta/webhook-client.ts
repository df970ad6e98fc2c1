// How a server that is called back is named: by URL, or by a Service and a path. Admission webhooks, conversion webhooks and
// aggregated API servers say it the same way.

import type { FieldError } from "../kind.ts";
import { invalidValue, required } from "./field-error.ts";
import { checkDns1123Subdomain, checkPortNumber } from "./names.ts";
import { parseUrl } from "./url-syntax.ts";

export const HTTPS_PORT = 443;

export interface ServiceReference {
  name: string;
  namespace: string;
  path?: string;
  port?: number;
}

/** The Service's port, where nobody says another. */
export function applyServiceReferenceDefaults(service: ServiceReference | undefined): void {
  if (service) service.port ??= HTTPS_PORT;
}

export interface WebhookClient {
  readonly url?: string;
  readonly service?: ServiceReference;
}

export function validateWebhookClient({ url, service }: WebhookClient, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) {
    return [required(path, "exactly one of url or service is required")];
  }
  if (url !== undefined) return validateWebhookUrl(url, `${path}.url`);
  return service ? validateServiceReference(service, `${path}.service`) : [];
}

const URL_FORM = "; desired format: https://host[/path]";

function validateWebhookUrl(text: string, path: string): FieldError[] {
  const url = parseUrl(text);
  if ("error" in url) return [required(path, `url must be a valid URL: ${url.error}${URL_FORM}`)];
  const { scheme, user, host, query, fragment } = url;
  const errors: FieldError[] = [];
  if (scheme !== "https") {
    errors.push(invalidValue(path, scheme, `'https' is the only allowed URL scheme${URL_FORM}`));
  }
  if (host === "") errors.push(invalidValue(path, host, `host must be specified${URL_FORM}`));
  if (user !== undefined) errors.push(invalidValue(path, user, "user information is not permitted in the URL"));
  if (fragment !== "") errors.push(invalidValue(path, fragment, "fragments are not permitted in the URL"));
  if (query !== "") errors.push(invalidValue(path, query, "query parameters are not permitted in the URL"));
  return errors;
}

function validateServiceReference(
  { name, namespace, path: urlPath, port }: ServiceReference,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  // Upstream takes the one for the other, and whoever misses one is told of the other.
  if (!namespace) errors.push(required(`${path}.name`));
  if (!name) errors.push(required(`${path}.namespace`));
  const portTexts = checkPortNumber(port ?? 0);
  if (portTexts.length > 0) {
    errors.push(invalidValue(`${path}.port`, port ?? 0, `port is not valid: ${portTexts.join(", ")}`));
  }
  if (urlPath !== undefined) errors.push(...validateUrlPath(urlPath, `${path}.path`));
  return errors;
}

function validateUrlPath(urlPath: string, path: string): FieldError[] {
  if (urlPath === "" || urlPath === "/") return [];
  const invalid = (text: string) => invalidValue(path, urlPath, text);
  if (urlPath === "//") return [invalid("segment[0] may not be empty")];
  const errors = urlPath.startsWith("/") ? [] : [invalid("must start with a '/'")];
  const segments = urlPath.slice(1).replace(/\/$/, "").split("/");
  for (const [index, segment] of segments.entries()) {
    if (segment === "") errors.push(invalid(`segment[${index}] may not be empty`));
    else errors.push(...checkDns1123Subdomain(segment).map((text) => invalid(`segment[${index}]: ${text}`)));
  }
  return errors;
}
