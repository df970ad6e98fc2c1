// Semantic versions: semver("1.2.3").isLessThan(semver("1.10.0")).

import { declare, type FunctionDeclaration, overload } from "../check/function-declaration.ts";
import { compareStrings } from "../values/equality.ts";
import { CelError, type CelValue, Opaque } from "../values/values.ts";

const V = "kubernetes.Semver";
const UINT_MAX = 2n ** 64n - 1n;

class Semver extends Opaque {
  readonly typeName = V;
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly preRelease: readonly string[];
  readonly build: string;

  constructor(numbers: readonly [bigint, bigint, bigint], preRelease: readonly string[], build: string) {
    super();
    this.numbers = numbers;
    this.preRelease = preRelease;
    this.build = build;
  }

  equals(other: Opaque): boolean {
    return other instanceof Semver && compareVersions(this, other) === 0;
  }
}

export const VERSIONS: readonly FunctionDeclaration[] = [
  declare("semver", [
    overload(`(string) -> ${V}`, "string_to_semver", (text: string) => parse(text)),
    overload(`(string, bool) -> ${V}`, "string_bool_to_semver", read),
  ]),
  declare("isSemver", [
    overload("(string) -> bool", "is_semver_string", (text: string) => parse(text) instanceof Semver),
    overload("(string, bool) -> bool", "is_semver_string_bool", (text: string, normalizes: boolean) => {
      return read(text, normalizes) instanceof Semver;
    }),
  ]),
  declare("isGreaterThan", [
    overload(`${V}.(${V}) -> bool`, "semver_is_greater_than", (a: Semver, b: Semver) => compareVersions(a, b) > 0),
  ]),
  declare("isLessThan", [
    overload(`${V}.(${V}) -> bool`, "semver_is_less_than", (a: Semver, b: Semver) => compareVersions(a, b) < 0),
  ]),
  declare("compareTo", [
    overload(`${V}.(${V}) -> int`, "semver_compare_to", (a: Semver, b: Semver) =>
      BigInt(Math.sign(compareVersions(a, b))),
    ),
  ]),
  declare("major", [overload(`${V}.() -> int`, "semver_major", ({ numbers }: Semver) => numbers[0])]),
  declare("minor", [overload(`${V}.() -> int`, "semver_minor", ({ numbers }: Semver) => numbers[1])]),
  declare("patch", [overload(`${V}.() -> int`, "semver_patch", ({ numbers }: Semver) => numbers[2])]),
];

function read(text: string, normalizes: boolean): CelValue {
  return normalizes ? parseNormalized(text) : parse(text);
}

const NUMERIC = /^\d+$/;
const ALPHANUMERIC = /^[0-9A-Za-z-]+$/;

function parse(text: string): Semver | CelError {
  if (text === "") return new CelError("Version string empty");
  const parts = splitTwice(text);
  if (parts.length !== 3) return new CelError("No Major.Minor.Patch elements found");
  const [major = "", minor = "", rest = ""] = parts;
  const [beforeBuild = "", ...builds] = rest.split("+");
  const dash = beforeBuild.indexOf("-");
  const patch = dash < 0 ? beforeBuild : beforeBuild.slice(0, dash);
  const numbers: bigint[] = [];
  for (const [name, digits] of [
    ["major", major],
    ["minor", minor],
    ["patch", patch],
  ] as const) {
    const problem = numberProblem(digits, name);
    if (problem !== undefined) return new CelError(problem);
    numbers.push(BigInt(digits));
  }
  const preRelease = dash < 0 ? [] : beforeBuild.slice(dash + 1).split(".");
  for (const part of preRelease) {
    const problem = preReleaseProblem(part);
    if (problem !== undefined) return new CelError(problem);
  }
  const build = builds.join("+");
  for (const part of builds.length === 0 ? [] : build.split(".")) {
    if (part === "") return new CelError("Build meta data is empty");
    if (!ALPHANUMERIC.test(part))
      return new CelError(`Invalid character(s) found in build meta data ${JSON.stringify(part)}`);
  }
  const [first = 0n, second = 0n, third = 0n] = numbers;
  return new Semver([first, second, third], preRelease, build);
}

function splitTwice(text: string): string[] {
  const [first = "", second, ...rest] = text.split(".");
  if (second === undefined) return [first];
  return rest.length === 0 ? [first, second] : [first, second, rest.join(".")];
}

function numberProblem(digits: string, name: string): string | undefined {
  const shown = JSON.stringify(digits);
  const label = name === "patch" ? "Patch" : name === "major" ? "Major" : "Minor";
  if (!/^\d*$/.test(digits)) return `Invalid character(s) found in ${name} number ${shown}`;
  if (digits.length > 1 && digits.startsWith("0")) return `${label} number must not contain leading zeroes ${shown}`;
  if (digits === "") return 'strconv.ParseUint: parsing "": invalid syntax';
  return BigInt(digits) > UINT_MAX ? `strconv.ParseUint: parsing ${shown}: value out of range` : undefined;
}

function preReleaseProblem(part: string): string | undefined {
  if (part === "") return "Prerelease is empty";
  if (NUMERIC.test(part)) {
    return part.length > 1 && part.startsWith("0")
      ? `Numeric PreRelease version must not contain leading zeroes ${JSON.stringify(part)}`
      : undefined;
  }
  return ALPHANUMERIC.test(part) ? undefined : `Invalid character(s) found in prerelease ${JSON.stringify(part)}`;
}

/** "v1.02" is taken for 1.2.0. */
function parseNormalized(text: string): Semver | CelError {
  const parts = splitTwice(text.replace(/^v/, "")).map((part) => {
    if (part.length <= 1) return part;
    const stripped = part.replace(/^0+/, "");
    return /^\d/.test(stripped) ? stripped : `0${stripped}`;
  });
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? "")) {
    return new CelError("short version cannot contain PreRelease/Build meta data");
  }
  while (parts.length < 3) parts.push("0");
  return parse(parts.join("."));
}

function compareVersions(a: Semver, b: Semver): number {
  for (const index of [0, 1, 2] as const) {
    if (a.numbers[index] !== b.numbers[index]) return a.numbers[index] < b.numbers[index] ? -1 : 1;
  }
  if (a.preRelease.length === 0 || b.preRelease.length === 0) return b.preRelease.length - a.preRelease.length;
  for (const [index, part] of a.preRelease.entries()) {
    const other = b.preRelease[index];
    if (other === undefined) return 1;
    const order = comparePreReleases(part, other);
    if (order !== 0) return order;
  }
  return a.preRelease.length - b.preRelease.length;
}

function comparePreReleases(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [NUMERIC.test(a), NUMERIC.test(b)];
  if (isNumber && isOtherNumber) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return compareStrings(a, b);
}
