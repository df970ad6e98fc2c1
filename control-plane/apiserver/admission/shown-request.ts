// How what a request is about is shown to webhooks and to expressions.

export function groupVersionKind({ group, version, kind }: { group: string; version: string; kind: string }) {
  return { group, version, kind };
}

export function groupVersionResource({ group, version, plural }: { group: string; version: string; plural: string }) {
  return { group, version, resource: plural };
}
