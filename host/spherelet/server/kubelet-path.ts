// Paths of the kubelet's own API, as the API server asks for them.

export type KubeletPath =
  | { readonly kind: "healthz" | "pods" | "statsSummary" }
  | {
      readonly kind: "containerLogs" | "exec" | "attach";
      readonly namespace: string;
      readonly pod: string;
      readonly container: string;
    }
  | { readonly kind: "portForward"; readonly namespace: string; readonly pod: string };

/** Undefined for a path that is none of ours. Exec, attach and portForward may carry the pod's UID after its name. */
export function parseKubeletPath(path: string): KubeletPath | undefined {
  const parts = path.split("/").slice(1).map(decodePart);
  const [kind, namespace, pod, ...rest] = parts;
  if (parts.includes(undefined)) return undefined;
  if (parts.length === 1 && (kind === "healthz" || kind === "pods")) return { kind };
  if (path === "/stats/summary") return { kind: "statsSummary" };
  if (!namespace || !pod) return undefined;
  if (kind === "portForward" && rest.length <= 1) return { kind, namespace, pod };
  const container = rest.at(-1);
  if (!container) return undefined;
  if (kind === "containerLogs" && rest.length === 1) return { kind, namespace, pod, container };
  if ((kind === "exec" || kind === "attach") && rest.length <= 2) return { kind, namespace, pod, container };
  return undefined;
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
