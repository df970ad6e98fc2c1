import { CodedError } from "@atoll/base/errors";
import { tableOf } from "@atoll/base/table-of";

export class ImageError extends CodedError<"InvalidRequest" | "NotFound" | "Conflict"> {}

export interface ImageReference {
  /** Where to connect: host and port as written, "registry.example:5000". */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** The name that images are given and the host that serves them differ for one registry. */
const REGISTRY_ALIASES: Readonly<Record<string, string>> = tableOf({
  "docker.io": "registry-1.docker.io",
  "index.docker.io": "registry-1.docker.io",
});

const REFERENCE =
  /^(?<registry>[a-zA-Z0-9.-]+(?::\d{1,5})?|\[[0-9a-f:]+\](?::\d{1,5})?)\/(?<repository>[a-z0-9._/-]+?)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** Takes apart a fully qualified reference; the image controller has put in what a user leaves out. */
export function parseReference(text: string): ImageReference {
  const parts = REFERENCE.exec(text)?.groups;
  if (!parts?.registry || !parts.repository) {
    throw new ImageError("InvalidRequest", `Image reference "${text}" is not "registry/repository:tag" or "…@digest"`);
  }
  const digest = parts.digest ?? "";
  return {
    registry: REGISTRY_ALIASES[parts.registry] ?? parts.registry,
    repository: parts.repository,
    tag: parts.tag ?? (digest ? "" : "latest"),
    digest,
  };
}
