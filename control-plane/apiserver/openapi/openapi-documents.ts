// The OpenAPI documents of what the server serves. Made from the schema model and the kinds when first asked for, then kept;
// when kinds come or go, a new instance takes over the documents of the groups they do not belong to. Clients learn from them how to explain, validate and patch.

import { createHash } from "node:crypto";
import type { SchemaModel } from "@atoll/api/schema";
import { type DescribedKind, groupVersionPath, type Operation, operationsOf } from "./operations.ts";
import { writeParameters } from "./parameters.ts";
import { type PlainPath, plainPaths, writePlainPath } from "./plain-paths.ts";
import { collectDefinitions, type Dialect, referTo } from "./schema-dialect.ts";

export interface OpenApiDocument {
  /** JSON. */
  readonly body: string;
  /** Of the body, without quotes; the same for the same body on every server. */
  readonly hash: string;
}

const INFO = { title: "Kubernetes", version: "unversioned" };
const MEDIA_TYPES = ["application/json", "application/yaml"];
const PATCH_TYPES = ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"];
const STRATEGIC_PATCH_TYPE = "application/strategic-merge-patch+json";
const SECURITY = { type: "apiKey", in: "header", name: "authorization", description: "Bearer Token authentication" };

export class OpenApiDocuments {
  readonly #model: SchemaModel;
  readonly #kinds: readonly DescribedKind[];
  readonly #documents = new Map<string, OpenApiDocument>();

  readonly #remote: readonly string[];

  /** `remote`: paths of group versions whose documents others have. */
  constructor(
    model: SchemaModel,
    kinds: readonly DescribedKind[],
    {
      remote = [],
      previous,
    }: { readonly remote?: readonly string[]; readonly previous?: OpenApiDocuments | undefined } = {},
  ) {
    this.#model = model;
    this.#kinds = kinds;
    this.#remote = remote;
    if (!previous) return;
    for (const path of this.#groupVersions()) {
      const known = previous.#documents.get(path);
      if (known && isSameList(this.#kindsOf(path), previous.#kindsOf(path))) this.#documents.set(path, known);
    }
  }

  /** GET /openapi/v3: where each group version's document is, with its hash. In steps, one for each that is not made yet. */
  *index(): Generator<void, OpenApiDocument> {
    const known = this.#documents.get("v3");
    if (known) return known;
    for (const path of this.#groupVersions()) {
      this.groupVersion(path);
      yield;
    }
    return this.#remember("v3", () => {
      const paths = this.#groupVersions().map((path) => {
        const hash = this.groupVersion(path)?.hash ?? "";
        return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
      });
      const plain = this.#plainPaths().map(({ name }) => {
        return [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${this.groupVersion(name)?.hash}` }];
      });
      const others = this.#remote.map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }]);
      return { paths: Object.fromEntries([...paths, ...plain, ...others]) };
    });
  }

  /** GET /openapi/v3/{path} for "api/v1", "apis/apps/v1", "apis/apps", "version"; undefined for what is not served. */
  groupVersion(path: string): OpenApiDocument | undefined {
    if (!this.#groupVersions().includes(path)) return this.#plainDocument(path);
    return this.#remember(path, () => {
      const operations = this.#kindsOf(path).flatMap((kind) => operationsOf(kind, this.#model));
      return {
        openapi: "3.0.0",
        info: INFO,
        paths: addPaths({}, operations, "v3"),
        components: {
          schemas: collectDefinitions(this.#model, schemasOf(operations), "v3"),
          securitySchemes: { BearerToken: SECURITY },
        },
      };
    });
  }

  /** GET /openapi/v2: everything in one document, for clients from before version 3. In steps, one for each kind and two more. */
  *version2(): Generator<void, OpenApiDocument> {
    const known = this.#documents.get("v2");
    if (known) return known;
    const paths: Paths = {};
    const schemas: string[] = [];
    for (const kind of this.#kinds) {
      const operations = operationsOf(kind, this.#model);
      addPaths(paths, operations, "v2");
      schemas.push(...schemasOf(operations));
      yield;
    }
    const definitions = collectDefinitions(this.#model, schemas, "v2");
    yield;
    return this.#remember("v2", () => ({
      swagger: "2.0",
      info: INFO,
      paths,
      definitions,
      securityDefinitions: { BearerToken: SECURITY },
      security: [{ BearerToken: [] }],
    }));
  }

  #plainPaths(): PlainPath[] {
    return plainPaths([...new Set(this.#kinds.map(({ resource }) => resource.group).filter((group) => group !== ""))]);
  }

  #plainDocument(name: string): OpenApiDocument | undefined {
    const found = this.#plainPaths().find((path) => path.name === name);
    if (!found) return undefined;
    return this.#remember(name, () => ({
      openapi: "3.0.0",
      info: INFO,
      paths: writePlainPath(found),
      components: {
        schemas: collectDefinitions(this.#model, found.schema === undefined ? [] : [found.schema], "v3"),
        securitySchemes: { BearerToken: SECURITY },
      },
    }));
  }

  #groupVersions(): string[] {
    return [...new Set(this.#kinds.map(pathOf))].sort();
  }

  #kindsOf(path: string): DescribedKind[] {
    return this.#kinds.filter((kind) => pathOf(kind) === path);
  }

  #remember(name: string, make: () => unknown): OpenApiDocument {
    const known = this.#documents.get(name);
    if (known) return known;
    const body = JSON.stringify(make());
    const document = { body, hash: createHash("sha256").update(body).digest("hex").toUpperCase() };
    this.#documents.set(name, document);
    return document;
  }
}

function isSameList(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}

function pathOf({ resource }: DescribedKind): string {
  return groupVersionPath(resource).slice(1);
}

function schemasOf(operations: readonly Operation[]): string[] {
  return operations.flatMap(({ requestSchema, responseSchema }) =>
    [requestSchema, responseSchema].filter((name) => name !== undefined),
  );
}

type Paths = Record<string, Record<string, unknown>>;

function addPaths(paths: Paths, operations: readonly Operation[], dialect: Dialect): Paths {
  for (const operation of operations) {
    paths[operation.path] = {
      parameters: writeParameters([...operation.pathParameters, "pretty"], dialect),
      ...paths[operation.path],
      [operation.method]: writeOperation(operation, dialect),
    };
  }
  return paths;
}

function writeOperation(operation: Operation, dialect: Dialect): Record<string, unknown> {
  const { group, version } = operation.kind;
  const common = {
    description: operation.description,
    operationId: operation.operationId,
    tags: [`${group === "" ? "core" : (group.split(".")[0] ?? "")}_${version}`],
    "x-kubernetes-action": operation.action,
    "x-kubernetes-group-version-kind": operation.kind,
  };
  const parameters = writeParameters(operation.parameters, dialect);
  const request = operation.requestSchema === undefined ? undefined : referTo(operation.requestSchema, dialect);
  const responses = writeResponses(operation, dialect);
  if (dialect === "v3") {
    const types = requestTypesOf(operation);
    return {
      ...common,
      parameters,
      ...(request ? { requestBody: { content: contentOf(types, request) } } : {}),
      responses,
    };
  }
  return {
    ...common,
    schemes: ["https"],
    consumes: requestTypesOf(operation),
    produces: MEDIA_TYPES,
    parameters: request ? [...parameters, { name: "body", in: "body", required: true, schema: request }] : parameters,
    responses,
  };
}

function requestTypesOf({ method, takesStrategicPatch }: Operation): readonly string[] {
  if (method !== "patch") return ["*/*"];
  return takesStrategicPatch ? [...PATCH_TYPES, STRATEGIC_PATCH_TYPE] : PATCH_TYPES;
}

function writeResponses({ successCodes, responseSchema }: Operation, dialect: Dialect): Record<string, unknown> {
  const schema = responseSchema === undefined ? { type: "string" } : referTo(responseSchema, dialect);
  const body = dialect === "v3" ? { content: contentOf(MEDIA_TYPES, schema) } : { schema };
  const successes = successCodes.map((code) => [code, { description: DESCRIPTIONS[code] ?? "OK", ...body }]);
  return { ...Object.fromEntries(successes), 401: { description: "Unauthorized" } };
}

const DESCRIPTIONS: Readonly<Record<number, string>> = { 200: "OK", 201: "Created", 202: "Accepted" };

function contentOf(types: readonly string[], schema: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}
