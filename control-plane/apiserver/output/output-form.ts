// In which form an answer goes out: JSON as stored, a Table for people, or metadata alone. Read from the Accept header.

import { ApiError } from "@atoll/machinery/object/api-error";

export type OutputForm = "json" | "table" | "partial-metadata";

/** Clients use a handful of headers over and over. */
const REMEMBERED_MAX = 256;
const remembered = new Map<string, OutputForm>();

export function readOutputForm(accept: string | undefined): OutputForm {
  if (accept === undefined || accept === "" || accept === "application/json" || accept === "*/*") return "json";
  const known = remembered.get(accept);
  if (known) return known;
  const form = negotiate(accept);
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(accept, form);
  return form;
}

export interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The header's media ranges, the most wanted first; those with q=0 are left out. */
export function parseAccept(accept: string): readonly MediaRange[] {
  return accept
    .split(",")
    .map((text) => {
      const [type = "", ...rest] = text.split(";").map((part) => part.trim());
      const parameters = new Map(
        rest.map((part): [string, string] => {
          const [name = "", value = ""] = part.split("=", 2);
          return [name.toLowerCase(), value];
        }),
      );
      const quality = Number(parameters.get("q") ?? 1);
      return { type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 0 };
    })
    .filter(({ quality }) => quality > 0)
    .sort((left, right) => right.quality - left.quality);
}

function negotiate(accept: string): OutputForm {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type !== "application/json" && type !== "*/*" && type !== "application/*") continue;
    const as = parameters.get("as");
    if (as === undefined) return "json";
    const isMeta = parameters.get("g") === "meta.k8s.io" && /^v1(beta1)?$/.test(parameters.get("v") ?? "");
    if (!isMeta) continue;
    if (as === "Table") return "table";
    if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") return "partial-metadata";
  }
  throw new ApiError("NotAcceptable", "only the following media types are accepted: application/json");
}
