// The operations of a kind as data: which paths it has, what each method does there and what goes in and out. Both dialects
// are written from this one list, so they cannot differ.

import type { KindDefinition, SubresourceDefinition, Verb } from "@atoll/api/kind";
import type { SchemaModel } from "@atoll/api/schema";
import {
  DELETE_COLLECTION_PARAMETERS,
  DELETE_PARAMETERS,
  LIST_PARAMETERS,
  PATCH_PARAMETERS,
  type ParameterName,
  WRITE_PARAMETERS,
} from "./parameters.ts";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

export interface Operation {
  readonly path: string;
  readonly method: "get" | "put" | "post" | "patch" | "delete";
  /** Of the path itself, "name" and "namespace". */
  readonly pathParameters: readonly ParameterName[];
  readonly parameters: readonly ParameterName[];
  /** x-kubernetes-action: "list", "post", "connect". */
  readonly action: string;
  readonly operationId: string;
  readonly description: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  /** Definitions of the bodies; undefined where there is none, or where it is no object. */
  readonly requestSchema?: string | undefined;
  readonly responseSchema?: string | undefined;
  readonly successCodes: readonly number[];
  /** Strategic merge patches are for Kubernetes' own kinds; others have no merge keys, as custom resources upstream. */
  readonly takesStrategicPatch: boolean;
}

/** "/api/v1" or "/apis/apps/v1". */
export function groupVersionPath({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** What is to be known of a kind, stored or not. */
export type DescribedKind = Pick<KindDefinition, "resource" | "verbs" | "subresources" | "schema">;

export function operationsOf(kind: DescribedKind, model: SchemaModel): Operation[] {
  const { resource } = kind;
  const isNamespaced = resource.scope === "Namespaced";
  const base = groupVersionPath(resource);
  const collection = isNamespaced ? `${base}/namespaces/{namespace}/${resource.plural}` : `${base}/${resource.plural}`;
  const inNamespace: ParameterName[] = isNamespaced ? ["namespace"] : [];
  const makers = VERBS.filter(({ verb }) => kind.verbs.includes(verb));
  const operations = makers.map((maker) => {
    const isOnItem = maker.place === "item";
    return makeOperation(kind, maker, {
      path: isOnItem ? `${collection}/{name}` : collection,
      pathParameters: isOnItem ? ["name", ...inNamespace] : inNamespace,
      name: `${maker.verb === "deletecollection" ? "Collection" : ""}${isNamespaced ? "Namespaced" : ""}${resource.kind}`,
    });
  });
  if (isNamespaced && kind.verbs.includes("list")) {
    const list = VERBS.filter(({ verb }) => verb === "list");
    const path = `${base}/${resource.plural}`;
    const name = `${resource.kind}ForAllNamespaces`;
    operations.push(...list.map((maker) => makeOperation(kind, maker, { path, pathParameters: [], name })));
  }
  const subresources = kind.subresources.flatMap((subresource) =>
    subresourceOperations(kind, subresource, model, {
      path: `${collection}/{name}/${subresource.name}`,
      pathParameters: ["name", ...inNamespace],
      name: `${isNamespaced ? "Namespaced" : ""}${resource.kind}${pascal(subresource.name)}`,
    }),
  );
  return [...operations, ...subresources];
}

interface Maker {
  readonly verb: Verb;
  readonly place: "collection" | "item";
  readonly method: Operation["method"];
  readonly action: string;
  /** First word of the operation's id. */
  readonly word: string;
  readonly parameters: readonly ParameterName[];
  readonly request?: "object" | "patch" | "deleteOptions";
  readonly response: "object" | "list" | "status";
  readonly successCodes: readonly number[];
  readonly text: string;
}

const VERBS: readonly Maker[] = [
  {
    verb: "list",
    place: "collection",
    method: "get",
    action: "list",
    word: "list",
    parameters: LIST_PARAMETERS,
    response: "list",
    successCodes: [200],
    text: "list or watch objects of kind",
  },
  {
    verb: "create",
    place: "collection",
    method: "post",
    action: "post",
    word: "create",
    parameters: WRITE_PARAMETERS,
    request: "object",
    response: "object",
    successCodes: [200, 201, 202],
    text: "create a",
  },
  {
    verb: "deletecollection",
    place: "collection",
    method: "delete",
    action: "deletecollection",
    word: "delete",
    parameters: DELETE_COLLECTION_PARAMETERS,
    request: "deleteOptions",
    response: "status",
    successCodes: [200],
    text: "delete collection of",
  },
  {
    verb: "get",
    place: "item",
    method: "get",
    action: "get",
    word: "read",
    parameters: [],
    response: "object",
    successCodes: [200],
    text: "read the specified",
  },
  {
    verb: "update",
    place: "item",
    method: "put",
    action: "put",
    word: "replace",
    parameters: WRITE_PARAMETERS,
    request: "object",
    response: "object",
    successCodes: [200, 201],
    text: "replace the specified",
  },
  {
    verb: "patch",
    place: "item",
    method: "patch",
    action: "patch",
    word: "patch",
    parameters: PATCH_PARAMETERS,
    request: "patch",
    response: "object",
    successCodes: [200, 201],
    text: "partially update the specified",
  },
  {
    verb: "delete",
    place: "item",
    method: "delete",
    action: "delete",
    word: "delete",
    parameters: DELETE_PARAMETERS,
    request: "deleteOptions",
    response: "status",
    successCodes: [200, 202],
    text: "delete a",
  },
];

interface Target {
  readonly path: string;
  readonly pathParameters: readonly ParameterName[];
  /** Last part of the operation's id. */
  readonly name: string;
}

function makeOperation(kind: DescribedKind, maker: Maker, target: Target): Operation {
  const { group, version, kind: kindName } = kind.resource;
  const bodies = {
    object: kind.schema,
    list: `${kind.schema}List`,
    patch: `${META}.Patch`,
    deleteOptions: `${META}.DeleteOptions`,
    status: `${META}.Status`,
  };
  return {
    path: target.path,
    pathParameters: target.pathParameters,
    method: maker.method,
    parameters: maker.parameters,
    action: maker.action,
    operationId: `${maker.word}${groupWord(group)}${pascal(version)}${target.name}`,
    description: `${maker.text} ${kindName}`,
    kind: { group, version, kind: kindName },
    requestSchema: maker.request && bodies[maker.request],
    responseSchema: bodies[maker.response],
    successCodes: maker.successCodes,
    takesStrategicPatch: !group.includes(".") || group.endsWith(".k8s.io"),
  };
}

function subresourceOperations(
  kind: DescribedKind,
  subresource: SubresourceDefinition,
  model: SchemaModel,
  target: Target,
): Operation[] {
  const own =
    subresource.kind === undefined ? kind.resource : { ...kind.resource, ...subresource, kind: subresource.kind };
  const schema = subresource.kind === undefined ? kind.schema : schemaOf(model, own);
  if (subresource.verbs.includes("connect"))
    return (["get", "post"] as const).map((method) => connect(method, own, target));
  const makers = VERBS.filter((maker) => subresource.verbs.includes(maker.verb));
  return makers.map((maker) => {
    const operation = makeOperation(kind, maker, target);
    const bodySchema = maker.request === "object" ? { requestSchema: schema } : {};
    const description = `${maker.text} ${subresource.name} of ${kind.resource.kind}`;
    return {
      ...operation,
      ...bodySchema,
      description,
      kind: { group: own.group, version: own.version, kind: own.kind },
      // A log is text.
      responseSchema: subresource.name === "log" ? undefined : schema,
    };
  });
}

function connect(method: "get" | "post", own: Operation["kind"], target: Target): Operation {
  return {
    path: target.path,
    pathParameters: target.pathParameters,
    method,
    parameters: [],
    action: "connect",
    operationId: `connect${groupWord(own.group)}${pascal(own.version)}${pascal(method)}${target.name}`,
    description: `connect ${method.toUpperCase()} requests to ${target.path.slice(target.path.lastIndexOf("/") + 1)}`,
    kind: { group: own.group, version: own.version, kind: own.kind },
    successCodes: [200],
    takesStrategicPatch: false,
  };
}

function schemaOf(model: SchemaModel, wanted: Operation["kind"]): string | undefined {
  return Object.entries(model.definitions).find(([, definition]) =>
    definition.kinds?.some(
      ({ group, version, kind }) => group === wanted.group && version === wanted.version && kind === wanted.kind,
    ),
  )?.[0];
}

function groupWord(group: string): string {
  return pascal(group === "" ? "core" : (group.split(".")[0] ?? ""));
}

function pascal(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
