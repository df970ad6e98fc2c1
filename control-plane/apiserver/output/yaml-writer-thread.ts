// A thread that writes one YAML document and ends.

import { parentPort, workerData } from "node:worker_threads";
import { yamlOf } from "./write-yaml.ts";

parentPort?.postMessage(yamlOf(workerData as Uint8Array)); // what `yaml-answer.ts` gives
