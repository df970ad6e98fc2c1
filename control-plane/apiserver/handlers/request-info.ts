import type { Handler } from "../request/context.ts";
import { parseRequestInfo } from "../request/request-info.ts";

export const readRequestInfo: Handler = (context, next) => {
  context.info = parseRequestInfo(context.request.method, context.request.target);
  return next();
};
