import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "@atoll/base/node/run-command";
import { pushImage } from "./push-image.ts";

/** What the demonstration's pod does: says which kernel it runs on, then serves a page and counts. */
const HELLO = `#!/bin/sh
echo "hello from pod $(hostname), kernel $(uname -r)"
mkdir -p /www && echo "hello from $(hostname) on $(uname -r)" >/www/index.html
httpd -p 8080 -h /www
trap 'echo "asked to stop"; exit 0' TERM
seconds=0
while :; do
  sleep 10 & wait $!
  seconds=$((seconds + 10))
  echo "still here after $seconds s"
done
`;

/** Makes an image of Debian's static busybox and pushes it. Returns its reference. */
export async function pushDemoImage(registry: string, signal: AbortSignal): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "atoll-demo-"));
  try {
    const root = join(directory, "root");
    for (const name of ["bin", "etc", "tmp", "www"]) mkdirSync(join(root, name), { recursive: true });
    copyFileSync("/bin/busybox", join(root, "bin/busybox"));
    const applets = (await runCommand("/bin/busybox", ["--list"], { signal })).split("\n").filter(Boolean);
    for (const applet of applets) if (applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
    writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n");
    writeFileSync(join(root, "etc/group"), "root:x:0:\nnogroup:x:65534:\n");
    writeFileSync(join(root, "bin/hello"), HELLO, { mode: 0o755 });
    const layer = join(directory, "layer.tar");
    // Fixed times and owners: the same busybox gives the same digest, and a second push finds everything there.
    const fixed = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u+rwX,go+rX"];
    await runCommand("tar", ["-C", root, ...fixed, "-cf", layer, "."], { signal });
    const image = {
      registry,
      repository: "demo/hello",
      tag: "1",
      layer: await readFile(layer),
      command: ["/bin/hello"],
    };
    await pushImage(image, signal);
    return `${registry}/${image.repository}:${image.tag}`;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
