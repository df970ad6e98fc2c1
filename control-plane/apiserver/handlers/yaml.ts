import { whenThere } from "@atoll/base/eventual";
import { yamlAnswer } from "../output/yaml-answer.ts";
import type { Handler } from "../request/context.ts";

/** Answers that are to be YAML, and are JSON until here. Errors become answers further out, and are written there. */
export const writeYamlAnswers: Handler = (_context, next) => whenThere(next(), yamlAnswer);
