// The fences of the house: which folder may import which. `check-imports.ts` holds them, ARCHITECTURE.md shows them. A fence is
// changed by a decision page (`docs/decisions/`), not by an exception.

/** A folder and the folders it may import from, itself always included. The longest matching folder rules a file. */
export const FENCES: Readonly<Record<string, readonly string[]>> = {
  base: [],
  api: ["base"],
  machinery: ["api", "base"],
  "control-plane/store": ["api", "base", "machinery"],
  "control-plane/apiserver": ["api", "base", "machinery", "control-plane/store"],
  "control-plane/certificates": ["api", "base", "machinery"],
  "control-plane/scheduler": ["api", "base", "machinery"],
  "control-plane/controllers": ["api", "base", "machinery"],
  "control-plane/network": ["api", "base", "machinery"],
  "control-plane/images": ["api", "base", "machinery"],
  "host/vmm": ["api", "base"],
  "host/images": ["api", "base"],
  "host/network": ["api", "base"],
  "host/storage": ["api", "base"],
  "host/crx": ["api", "base", "host/vmm"],
  "host/hostd": ["api", "base", "host/vmm", "host/crx", "host/images", "host/network", "host/storage"],
  "host/spherelet": ["api", "base", "machinery"],
  cli: ["api", "base", "machinery"],
  bin: ["api", "base", "machinery", "control-plane", "host", "cli"],
  test: ["api", "base", "machinery", "control-plane", "host"],
  tools: ["api", "base"],
};

/** The table of ARCHITECTURE.md, as rows of cells. */
export function fenceRows(): string[][] {
  const rows = Object.entries(FENCES).map(([folder, targets]) => [
    `\`${folder}\``,
    targets.map((target) => `\`${target}\``).join(", ") || "nothing of ours",
  ]);
  return [["folder", "may import"], ...rows];
}
