// Short rules that the compiler and the linter do not know. Each prints file, line, rule and what to do instead.

import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { type Breach, report } from "./breach.ts";
import { importsOf } from "./imports.ts";
import { repositoryRoot, sourceFiles } from "./source-files.ts";

interface LineRule {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly message: string;
  readonly applies: (file: string) => boolean;
}

const isTest = (file: string) =>
  /\.(root-|etcd-)?test\.ts$|-suite\.ts$|(^|\/)bench\.ts$/.test(file) || file.startsWith("test/");
const isProgram = (file: string) => /^(bin|tools|test|cli)\//.test(file);

/** Makers of the world's parameters: the only library files that may touch the globals they wrap. */
const WORLD_MAKERS = ["base/clock.ts", "base/random.ts", "base/node/virtual-clock.ts"];

const LINE_RULES: readonly LineRule[] = [
  {
    rule: "world",
    pattern: /\bDate\.now\(|\bMath\.random\(|\bsetTimeout\(|\bsetInterval\(|\bprocess\.env\b/,
    message: "time, randomness and the environment are parameters: take a Clock, a Random or a configuration value",
    applies: (file) => file.endsWith(".ts") && !isTest(file) && !isProgram(file) && !WORLD_MAKERS.includes(file),
  },
  {
    rule: "unfinished",
    pattern: /\b(TODO|FIXME|XXX)\b|\btodo!\(|\bunimplemented!\(/,
    message: "finish it, or file an issue and say so in docs/",
    applies: (file) => /\.(ts|rs)$/.test(file) && file !== "tools/tidy.ts",
  },
  {
    rule: "machine-path",
    pattern: /(^|["'`\s(=])\/(work|root|home)\//,
    message: "no paths of one machine: take a configuration value",
    applies: (file) => /\.(ts|rs|sh|md|json|yaml|toml)$/.test(file) && file !== "tools/tidy.ts",
  },
  {
    rule: "unwrap",
    pattern: /\.unwrap\(\)|\.expect\(/,
    message: "PID 1 must not abort: return the module's error",
    applies: (file) => /^guest\/.*\/src\/.*\.rs$/.test(file) && !/tests?\.rs$|\/bin\//.test(file),
  },
  {
    rule: "name",
    pattern: /^/,
    message: "utils, common, helpers and misc are no nouns: name the file after what is inside",
    applies: (file) => /(^|\/)(utils?|common|helpers?|misc)(\.ts|\.rs|\/)/.test(file),
  },
];

/** Everything after `#[cfg(test)]` in a Rust file is a test. */
function linesToCheck(file: string, text: string): string[] {
  const lines = text.split("\n");
  if (!file.endsWith(".rs")) return lines;
  const tests = lines.findIndex((line) => line.includes("#[cfg(test)]"));
  return tests < 0 ? lines : lines.slice(0, tests);
}

function checkLines(file: string, text: string): Breach[] {
  const rules = LINE_RULES.filter((rule) => rule.applies(file));
  if (rules.length === 0) return [];
  const breaches: Breach[] = [];
  for (const [index, line] of linesToCheck(file, text).entries()) {
    for (const { rule, pattern, message } of rules) {
      if (pattern.test(line)) breaches.push({ file, line: index + 1, rule, message });
      if (rule === "name") return breaches;
    }
  }
  return breaches;
}

/** Library files that nothing imports: dead, or a front door that is missing from its users. */
function checkImported(files: readonly string[]): Breach[] {
  const imported = new Set<string>();
  for (const file of files) {
    for (const { specifier } of importsOf(join(repositoryRoot(), file))) {
      const own = /^@atoll\/(.+)$/.exec(specifier)?.[1];
      imported.add(own ? `${own}.ts` : normalize(join(dirname(file), specifier)));
    }
  }
  const isEntry = (file: string) => isTest(file) || /^(bin|tools|test)\//.test(file);
  return files
    .filter((file) => !imported.has(file) && !isEntry(file))
    .map((file) => ({ file, line: 1, rule: "unused", message: "no file imports it: delete it or wire it in" }));
}

const files = sourceFiles([".ts", ".rs", ".sh", ".md", ".json", ".yaml", ".toml"]).filter(
  (file) => !/package-lock\.json$|^api\/generated\//.test(file),
);
const breaches = files.flatMap((file) => {
  const text = readFileSync(join(repositoryRoot(), file), "utf8");
  return checkLines(file, text);
});
report("tidy", files.length, [...breaches, ...checkImported(files.filter((file) => file.endsWith(".ts")))]);
