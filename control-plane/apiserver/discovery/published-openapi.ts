// Mounts the OpenAPI documents. JSON only: clients that ask for protobuf alone are told so and ask again.

import { ApiError } from "@atoll/machinery/object/api-error";
import type { OpenApiDocument, OpenApiDocuments } from "../openapi/openapi-documents.ts";
import { parseAccept } from "../output/accept.ts";
import { type ApiResponse, bytesResponse, EMPTY_BODY } from "../request/request.ts";
import type { RequestInfo } from "../request/request-info.ts";

/** A document asked for with its own hash never changes. */
const IMMUTABLE = "public, immutable";

export class PublishedOpenApi {
  readonly #documents: OpenApiDocuments;
  readonly #bytes = new WeakMap<OpenApiDocument, Uint8Array>();

  constructor(documents: OpenApiDocuments) {
    this.#documents = documents;
  }

  /** Undefined: no such document. */
  respond(
    { path, query }: RequestInfo,
    headers: Readonly<Record<string, string | undefined>>,
  ): ApiResponse | undefined {
    const document = this.#find(path);
    if (!document) return undefined;
    checkAccept(headers.accept);
    const etag = `"${document.hash}"`;
    const cacheControl = query.get("hash") === document.hash ? IMMUTABLE : "no-cache, private";
    const answerHeaders = { etag, "cache-control": cacheControl, vary: "Accept" };
    if (headers["if-none-match"] === etag) return { status: 304, headers: answerHeaders, body: EMPTY_BODY };
    const response = bytesResponse(200, this.#encode(document));
    return { ...response, headers: { ...response.headers, ...answerHeaders } };
  }

  #find(path: string): OpenApiDocument | undefined {
    if (path === "/openapi/v2") return this.#documents.version2();
    if (path === "/openapi/v3" || path === "/openapi/v3/") return this.#documents.index();
    return path.startsWith("/openapi/v3/")
      ? this.#documents.groupVersion(path.slice("/openapi/v3/".length))
      : undefined;
  }

  #encode(document: OpenApiDocument): Uint8Array {
    let bytes = this.#bytes.get(document);
    if (!bytes) {
      bytes = Buffer.from(document.body);
      this.#bytes.set(document, bytes);
    }
    return bytes;
  }
}

const ACCEPTED: ReadonlySet<string> = new Set(["application/json", "application/*", "*/*"]);

function checkAccept(accept: string | undefined): void {
  if (accept === undefined || accept === "") return;
  const isJson = parseAccept(accept).some(({ type, subtype }) => ACCEPTED.has(`${type}/${subtype}`));
  if (!isJson) throw new ApiError("NotAcceptable", "only the following media types are accepted: application/json");
}
