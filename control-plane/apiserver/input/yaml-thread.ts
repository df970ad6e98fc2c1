// A thread that reads one YAML document and ends.

import { parentPort, workerData } from "node:worker_threads";
import { ApiError } from "@atoll/machinery/object/api-error";
import { readYaml, type YamlOutcome } from "./read-yaml.ts";

function outcome(): YamlOutcome {
  try {
    return { type: "read", ...readYaml(workerData as Uint8Array) }; // what `parse-yaml.ts` gives
  } catch (error) {
    const { message } = ApiError.from(error);
    return { type: "refused", message };
  }
}

parentPort?.postMessage(outcome());
