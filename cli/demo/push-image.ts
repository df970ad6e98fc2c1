// Pushes a small image to a registry: the few calls of the OCI distribution specification (v1.1, "Push") that this takes.

import { createHash } from "node:crypto";

export interface ImageToPush {
  /** Host and port of a registry that speaks plain HTTP. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  /** An uncompressed tar archive: the image's one layer. */
  readonly layer: Uint8Array;
  /** What runs when a container names no command of its own. */
  readonly command: readonly string[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

/** Pushes the image; blobs that are there already stay. Returns the manifest's digest. */
export async function pushImage(image: ImageToPush, signal: AbortSignal): Promise<string> {
  const base = `http://${image.registry}/v2/${image.repository}`;
  const configuration = encode({
    architecture: "amd64",
    os: "linux",
    config: { Env: ["PATH=/bin"], Cmd: image.command, WorkingDir: "/" },
    rootfs: { type: "layers", diff_ids: [digestOf(image.layer)] },
  });
  const manifest = encode({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: await pushBlob(base, "application/vnd.oci.image.config.v1+json", configuration, signal),
    layers: [await pushBlob(base, "application/vnd.oci.image.layer.v1.tar", image.layer, signal)],
  });
  const response = await fetch(`${base}/manifests/${image.tag}`, {
    method: "PUT",
    headers: { "content-type": MANIFEST_TYPE },
    body: manifest,
    signal,
  });
  await requireStatus(response, 201, "put the manifest");
  return digestOf(manifest);
}

async function pushBlob(
  base: string,
  mediaType: string,
  content: Uint8Array,
  signal: AbortSignal,
): Promise<Descriptor> {
  const digest = digestOf(content);
  const descriptor = { mediaType, digest, size: content.length };
  const there = await fetch(`${base}/blobs/${digest}`, { method: "HEAD", signal });
  if (there.ok) return descriptor;
  const started = await fetch(`${base}/blobs/uploads/`, { method: "POST", signal });
  await requireStatus(started, 202, "start the upload");
  const location = new URL(started.headers.get("location") ?? "", base);
  location.searchParams.set("digest", digest);
  const body = new Uint8Array(content); // fetch wants a view that owns a plain ArrayBuffer
  const headers = { "content-type": "application/octet-stream" };
  await requireStatus(await fetch(location, { method: "PUT", headers, body, signal }), 201, "upload a blob");
  return descriptor;
}

async function requireStatus(response: Response, status: number, attempt: string): Promise<void> {
  if (response.status === status) return;
  throw new Error(`Could not ${attempt}: the registry answered ${response.status} ${await response.text()}`);
}

function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

function digestOf(content: Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
