// Mounts the OpenAPI documents: version 2 as JSON and as protobuf, version 3 as JSON only.

import type { Eventual } from "@atoll/base/eventual";
import { doInSteps } from "@atoll/base/node/long-step";
import { ApiError } from "@atoll/machinery/object/api-error";
import { encodeDocument } from "../openapi/document-protobuf.ts";
import type { OpenApiDocument, OpenApiDocuments } from "../openapi/openapi-documents.ts";
import { parseAccept } from "../output/accept.ts";
import { type ApiResponse, bytesResponse, EMPTY_BODY } from "../request/request.ts";
import type { RequestInfo } from "../request/request-info.ts";

const JSON_FORM = "application/json";
const PROTOBUF_FORM = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
type Form = typeof JSON_FORM | typeof PROTOBUF_FORM;

/** A document asked for with its own hash never changes. */
const IMMUTABLE = "public, immutable";

export class PublishedOpenApi {
  readonly #documents: OpenApiDocuments;
  readonly #bytes: Readonly<Record<Form, WeakMap<OpenApiDocument, Uint8Array>>> = {
    [JSON_FORM]: new WeakMap(),
    [PROTOBUF_FORM]: new WeakMap(),
  };

  /** By path and form, those under way: who asks meanwhile waits for the same one. */
  readonly #making = new Map<string, Promise<unknown>>();

  constructor(documents: OpenApiDocuments) {
    this.#documents = documents;
  }

  /** Undefined: no such document. */
  async respond(
    { path, query }: RequestInfo,
    headers: Readonly<Record<string, string | undefined>>,
  ): Promise<ApiResponse | undefined> {
    const document = await this.#find(path);
    if (!document) return undefined;
    const form = formFor(headers.accept, path === "/openapi/v2" ? VERSION_2_FORMS : VERSION_3_FORMS);
    const etag = `"${document.hash}"`;
    const cacheControl = query.get("hash") === document.hash ? IMMUTABLE : "no-cache, private";
    const answerHeaders = { etag, "cache-control": cacheControl, vary: "Accept" };
    if (headers["if-none-match"] === etag) return { status: 304, headers: answerHeaders, body: EMPTY_BODY };
    const response = bytesResponse(200, await this.#encode(document, form), form);
    return { ...response, headers: { ...response.headers, ...answerHeaders } };
  }

  #find(path: string): Eventual<OpenApiDocument | undefined> {
    if (path === "/openapi/v2") return this.#makeOnce("v2", () => this.#documents.version2());
    if (path === "/openapi/v3" || path === "/openapi/v3/") return this.#makeOnce("v3", () => this.#documents.index());
    return path.startsWith("/openapi/v3/")
      ? this.#documents.groupVersion(path.slice("/openapi/v3/".length))
      : undefined;
  }

  async #encode(document: OpenApiDocument, form: Form): Promise<Uint8Array> {
    let bytes = this.#bytes[form].get(document);
    if (!bytes) {
      const encode = () => encodeDocument(JSON.parse(document.body));
      bytes = form === JSON_FORM ? Buffer.from(document.body) : await this.#makeOnce(document.hash, encode);
      this.#bytes[form].set(document, bytes);
    }
    return bytes;
  }

  async #makeOnce<T>(what: string, make: () => Generator<void, T>): Promise<T> {
    const running = (this.#making.get(what) as Promise<T> | undefined) ?? Promise.resolve(doInSteps(make())); // of one name, one kind
    this.#making.set(what, running);
    try {
      return await running;
    } finally {
      this.#making.delete(what);
    }
  }
}

/** By what a client may call them. */
type Forms = Readonly<Record<string, Form>>;

const VERSION_3_FORMS: Forms = { "application/json": JSON_FORM, "application/*": JSON_FORM, "*/*": JSON_FORM };
const VERSION_2_FORMS: Forms = {
  ...VERSION_3_FORMS,
  [PROTOBUF_FORM]: PROTOBUF_FORM,
  // The older name, which no media type may have; kubectl asks for it.
  "application/com.github.proto-openapi.spec.v2@v1.0+protobuf": PROTOBUF_FORM,
};

function formFor(accept: string | undefined, forms: Forms): Form {
  if (accept === undefined || accept === "") return JSON_FORM;
  for (const { type, subtype } of parseAccept(accept)) {
    const form = forms[`${type}/${subtype}`];
    if (form) return form;
  }
  const accepted = [...new Set(Object.values(forms))].join(", ");
  throw new ApiError("NotAcceptable", `only the following media types are accepted: ${accepted}`);
}
