import type { WebhookClientConfig } from "@atoll/api/generated/types";
import { HTTPS_PORT } from "@atoll/api/meta/webhook-client";
import type { CallTarget } from "./https-caller.ts";

/** As a configuration names a server; its bundle of authorities is base64. */
export function webhookTarget({ url, service, caBundle }: WebhookClientConfig): CallTarget {
  const authorityPem =
    Buffer.from(caBundle ?? "", "base64")
      .toString()
      .trim() || undefined;
  if (!service) return { url: url ?? "", authorityPem };
  const { name, namespace, path = "", port = HTTPS_PORT } = service;
  const slash = path === "" || path.startsWith("/") ? "" : "/";
  return {
    url: `https://${name}.${namespace}.svc:${port}${slash}${path}`,
    service: { namespace, name, port },
    authorityPem,
  };
}
