// The command line of the programs that are run by hand: one table of options is what is read and what `--help` shows.

import { type ParseArgsOptionDescriptor, parseArgs } from "node:util";

export type OptionTable = Readonly<Record<string, ParseArgsOptionDescriptor & OptionHelp>>;

interface OptionHelp {
  /** What stands for its value; "N" for a number, which nothing else is taken for. */
  readonly value?: string;
  /** Undefined: only this repository's own programs give it. */
  readonly help?: string;
}

export interface CommandLine<Options extends OptionTable> {
  /** "npm run durability --", and what may follow the options. */
  readonly usage: string;
  /** One sentence. */
  readonly about: string;
  readonly options: Options;
  /** Whether words that are no options are taken. */
  readonly allowPositionals?: boolean;
}

/** Ends the program after `--help` with code 0, and with 2 where the line is not understood. */
export function readArguments<const Options extends OptionTable>(line: CommandLine<Options>) {
  const { options, allowPositionals = false } = line;
  try {
    if (process.argv.includes("--help")) {
      console.log(describe(line));
      process.exit(0);
    }
    const parsed = parseArgs({ options, allowPositionals });
    for (const [name, text] of Object.entries(parsed.values)) {
      const isNumber = Number(text) >= 0 && text !== "";
      if (options[name]?.value === "N" && !isNumber) throw new UsageError(`--${name} is a number, not "${text}"`);
    }
    return parsed;
  } catch (error) {
    if (!isMisunderstanding(error)) throw error;
    console.error(`${error.message}\n\n${describe(line)}`);
    process.exit(2);
  }
}

class UsageError extends Error {}

function isMisunderstanding(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

function describe({ usage, about, options }: CommandLine<OptionTable>): string {
  const rows = Object.entries(options).flatMap(([name, { value, help, default: preset }]) => {
    if (help === undefined) return [];
    const shownDefault = typeof preset === "string" ? ` (${preset})` : "";
    return [[`--${name}${value === undefined ? "" : ` ${value}`}`, help + shownDefault] as const];
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return [usage, "", about, "", ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)].join("\n");
}
