// In which form an answer goes out: how it is encoded, and whether it is the object itself, a Table for people or metadata
// alone. Read from the Accept header, by the rules of the place that is asked.

import type { KindDefinition } from "@atoll/api/kind";
import { ApiError } from "@atoll/machinery/object/api-error";
import { PROTOBUF_TYPE } from "../protobuf/envelope.ts";
import { hasMessage } from "../protobuf/message-fields.ts";
import { type MediaRange, parseAccept } from "./accept.ts";

export type Encoding = "json" | "yaml" | "protobuf";

/** What is sent instead of the object. */
export interface Transform {
  readonly kind: "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";
  readonly version: "v1" | "v1beta1";
}

export interface OutputForm<T = Transform> {
  readonly encoding: Encoding;
  /** Undefined: the object itself. */
  readonly transform: T | undefined;
}

export const PLAIN_JSON: OutputForm = { encoding: "json", transform: undefined };

export const MEDIA_TYPES: Readonly<Record<Encoding, string>> = {
  json: "application/json",
  yaml: "application/yaml",
  protobuf: PROTOBUF_TYPE,
};

/** In the order that a wildcard chooses from. */
const ENCODINGS: readonly Encoding[] = ["json", "yaml", "protobuf"];

type Parameters = ReadonlyMap<string, string>;

interface Place<T> {
  readonly encodings: readonly Encoding[];
  /** Of the object itself; what stands for it is Kubernetes' own and has all. */
  readonly objectEncodings: readonly Encoding[];
  readonly streams: boolean;
  /** Undefined: the range asks for something that is not made here. */
  readonly readTransform: (parameters: Parameters, encoding: Encoding) => T | undefined;
  readonly remembered: Map<string, OutputForm<T> | undefined>;
}

function place<T>(
  readTransform: Place<T>["readTransform"],
  options: Partial<Pick<Place<T>, "encodings" | "objectEncodings" | "streams">> = {},
): Place<T> {
  const { encodings = ENCODINGS, streams = false } = options;
  const objectEncodings = options.objectEncodings ?? encodings;
  return { encodings, objectEncodings, streams, readTransform, remembered: new Map() };
}

const STREAMED: readonly Encoding[] = ["json", "protobuf"];
const OBJECTS = place(readMetaTransform);
const CUSTOM_OBJECTS = place(readMetaTransform, { objectEncodings: ["json", "yaml"] });
const EVENTS = place(readMetaTransform, { encodings: STREAMED, streams: true });
const CUSTOM_EVENTS = place(readMetaTransform, { encodings: STREAMED, objectEncodings: ["json"], streams: true });
const DISCOVERY = place(readDiscoveryTransform);
/** What is no object of a stored kind has no other form. */
const VALUES = place<never>(() => undefined);

/** Clients use a handful of headers over and over. */
const REMEMBERED_MAX = 256;

/** Throws NotAcceptable. To be asked before anything is done. */
export function readOutputForm(accept: string | undefined, kind: KindDefinition): OutputForm {
  if (isPlain(accept)) return PLAIN_JSON;
  return require(accept, hasMessage(kind.schema) ? OBJECTS : CUSTOM_OBJECTS);
}

/** As `readOutputForm`, for the events of a watch. */
export function readStreamForm(accept: string | undefined, kind: KindDefinition): OutputForm {
  if (isPlain(accept)) return PLAIN_JSON;
  return require(accept, hasMessage(kind.schema) ? EVENTS : CUSTOM_EVENTS);
}

/** For what is no object of a stored kind: reviews, scales and the like. Throws NotAcceptable. */
export function readEncoding(accept: string | undefined): Encoding {
  return isPlain(accept) ? "json" : require(accept, VALUES).encoding;
}

/** The transform is there when all groups are asked for in one document. */
export function readDiscoveryForm(accept: string | undefined): OutputForm<"APIGroupDiscoveryList"> {
  return isPlain(accept) ? { encoding: "json", transform: undefined } : require(accept, DISCOVERY);
}

/** For errors, which must be said in some way: JSON where nothing fits. */
export function readErrorEncoding(accept: string | undefined): Encoding {
  return isPlain(accept) ? "json" : (negotiate(accept, VALUES)?.encoding ?? "json");
}

function isPlain(accept: string | undefined): accept is undefined {
  return accept === undefined || accept === "" || accept === "application/json" || accept === "*/*";
}

function require<T>(accept: string, at: Place<T>): OutputForm<T> {
  const form = negotiate(accept, at);
  if (form) return form;
  const types = at.encodings.map((encoding) => MEDIA_TYPES[encoding] + (at.streams ? ";stream=watch" : ""));
  throw new ApiError("NotAcceptable", `only the following media types are accepted: ${types.join(", ")}`);
}

function negotiate<T>(accept: string, at: Place<T>): OutputForm<T> | undefined {
  const { remembered } = at;
  const known = remembered.get(accept);
  if (known || remembered.has(accept)) return known;
  const form = choose(accept, at);
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(accept, form);
  return form;
}

function choose<T>(accept: string, at: Place<T>): OutputForm<T> | undefined {
  for (const range of parseAccept(accept)) {
    for (const encoding of at.encodings) {
      const form = isNamed(range, encoding) ? formOf(range, encoding, at) : undefined;
      if (form) return form;
    }
  }
  return undefined;
}

function isNamed({ type, subtype }: MediaRange, encoding: Encoding): boolean {
  if (type === "*") return subtype === "*";
  return subtype === "*" ? type === "application" : `${type}/${subtype}` === MEDIA_TYPES[encoding];
}

function formOf<T>({ parameters }: MediaRange, encoding: Encoding, at: Place<T>): OutputForm<T> | undefined {
  const stream = parameters.get("stream");
  if (stream !== undefined && (stream !== "watch" || encoding === "yaml")) return undefined;
  const serverVersion = parameters.get("sv");
  if (serverVersion !== undefined && serverVersion !== "v1") return undefined;
  if (!parameters.has("as") && !parameters.has("g") && !parameters.has("v")) {
    return at.objectEncodings.includes(encoding) ? { encoding, transform: undefined } : undefined;
  }
  const transform = at.readTransform(parameters, encoding);
  return transform === undefined ? undefined : { encoding, transform };
}

function readMetaTransform(parameters: Parameters, encoding: Encoding): Transform | undefined {
  const kind = parameters.get("as");
  const version = parameters.get("v");
  if (parameters.get("g") !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) return undefined;
  // A Table's cells are JSON and have no messages.
  if (kind === "Table") return encoding === "protobuf" ? undefined : { kind, version };
  return kind === "PartialObjectMetadata" || kind === "PartialObjectMetadataList" ? { kind, version } : undefined;
}

function readDiscoveryTransform(parameters: Parameters): "APIGroupDiscoveryList" | undefined {
  if (parameters.get("g") !== "apidiscovery.k8s.io" || parameters.get("v") !== "v2") return undefined;
  return parameters.get("as") === "APIGroupDiscoveryList" ? "APIGroupDiscoveryList" : undefined;
}
