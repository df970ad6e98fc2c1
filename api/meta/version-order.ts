// The order in which a group's versions are preferred: "v2", "v1", "v1beta2", "v1beta1", "v1alpha1", and after them, by their
// letters, names that say nothing of how stable they are.

const VERSION = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;
const STABILITY: Readonly<Record<string, number>> = { alpha: 1, beta: 2, "": 3 };

/** Negative: `left` comes first. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [VERSION.exec(left), VERSION.exec(right)];
  if (!a && !b) return left < right ? -1 : left > right ? 1 : 0;
  if (!a || !b) return a ? -1 : 1;
  const [, majorA = "", stageA = "", minorA = "0"] = a;
  const [, majorB = "", stageB = "", minorB = "0"] = b;
  return (
    (STABILITY[stageB] ?? 0) - (STABILITY[stageA] ?? 0) ||
    Number(majorB) - Number(majorA) ||
    Number(minorB) - Number(minorA)
  );
}
