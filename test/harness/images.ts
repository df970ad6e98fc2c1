// Images for the tests, made as an unrelated build would make them: an OCI layout on disk, pushed by skopeo into Debian's registry.

import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { stateDirectory } from "./machine.ts";

/** The tests' own registry; the demonstration's has another port. */
export const REGISTRY = "127.0.0.1:5051";

/** Starts the tests' registry in this process's namespaces; ends with the returned function. */
export async function startRegistry(): Promise<() => void> {
  const directory = join(stateDirectory, "test-registry");
  mkdirSync(directory, { recursive: true });
  const configuration = join(directory, "config.yaml");
  const storage = `{filesystem: {rootdirectory: ${join(directory, "data")}}, delete: {enabled: true}}`;
  writeFileSync(
    configuration,
    `version: "0.1"\nlog: {level: error, accesslog: {disabled: true}}\nstorage: ${storage}\nhttp: {addr: ${REGISTRY}}\n`,
  );
  const registry = spawn("/usr/bin/docker-registry", ["serve", configuration], { stdio: "ignore" });
  for (let attempt = 0; attempt < 200; attempt++) {
    if (
      await fetch(`http://${REGISTRY}/v2/`).then(
        (response) => response.ok,
        () => false,
      )
    )
      return () => registry.kill();
    await sleep(50);
  }
  registry.kill();
  throw new Error("The test registry does not answer");
}

export interface Layer {
  /** An uncompressed tar archive. */
  readonly tar: Buffer;
  readonly compression: "gzip" | "zstd" | "none";
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

const LAYER_TYPES = {
  gzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  zstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  none: "application/vnd.oci.image.layer.v1.tar",
};

/** Writes an image index with one image of the layers as an OCI layout, and has skopeo push it. Returns its reference. */
export function pushLayers(repository: string, layers: readonly Layer[], config: object): string {
  const layout = mkdtempSync(join(stateDirectory, "oci-"));
  const blobs = join(layout, "blobs/sha256");
  mkdirSync(blobs, { recursive: true });
  const put = (mediaType: string, content: Buffer) => {
    const digest = digestOf(content);
    writeFileSync(join(blobs, digest.slice(7)), content);
    return { mediaType, digest, size: content.length };
  };
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  const compress = {
    gzip: (tar: Buffer) => gzipSync(tar, { level: 1 }),
    zstd: (tar: Buffer) => zstdCompressSync(tar),
    none: (tar: Buffer) => tar,
  };
  const descriptors = layers.map((layer) =>
    put(LAYER_TYPES[layer.compression], compress[layer.compression](layer.tar)),
  );
  const configuration = put(
    "application/vnd.oci.image.config.v1+json",
    json({
      architecture: "amd64",
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: layers.map(({ tar }) => digestOf(tar)) },
    }),
  );
  const manifestType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = put(
    manifestType,
    json({ schemaVersion: 2, mediaType: manifestType, config: configuration, layers: descriptors }),
  );
  writeFileSync(join(layout, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  const entry = {
    ...manifest,
    platform: { architecture: "amd64", os: "linux" },
    annotations: { "org.opencontainers.image.ref.name": "1" },
  };
  writeFileSync(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  const reference = `${REGISTRY}/${repository}:1`;
  execFileSync(
    "skopeo",
    ["copy", "--quiet", "--preserve-digests", "--dest-tls-verify=false", `oci:${layout}:1`, `docker://${reference}`],
    {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, TMPDIR: stateDirectory },
    },
  );
  rmSync(layout, { recursive: true, force: true });
  return reference;
}

/** A tar archive of what `build` puts into a directory, owners and modes as they are there. */
export function tarOf(build: (directory: string) => void, ...flags: string[]): Buffer {
  const directory = mkdtempSync(join(stateDirectory, "layer-"));
  try {
    build(directory);
    const archive = `${directory}.tar`;
    execFileSync("tar", ["-C", directory, "--numeric-owner", ...flags, "-cf", archive, "."]);
    const content = readFileSync(archive);
    rmSync(archive);
    return content;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A root file system of Debian's static busybox. */
export function busyboxLayer(): Buffer {
  return tarOf((root) => {
    execFileSync("sh", [
      "-c",
      'mkdir -p "$1/bin" "$1/etc" "$1/tmp" && cp /bin/busybox "$1/bin/" && /bin/busybox --install -s "$1/bin" 2>/dev/null; cd "$1/bin" && for each in $(/bin/busybox --list); do ln -sf busybox "$each" 2>/dev/null; done; cp /bin/busybox busybox.new && mv -f busybox.new busybox',
      "sh",
      root,
    ]);
    writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\napp:x:1000:1000:app:/:/bin/sh\n");
    writeFileSync(join(root, "etc/group"), "root:x:0:\napp:x:1000:\n");
  });
}

/** The image that most tests run: a shell and the usual tools. */
export function pushBusybox(): string {
  return pushLayers("test/busybox", [{ tar: busyboxLayer(), compression: "gzip" }], {
    Env: ["PATH=/bin"],
    Cmd: ["sh"],
  });
}
