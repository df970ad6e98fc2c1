// "Who am I?" and "whose token is this?".

import { ApiError, hasReason } from "@atoll/machinery/object/api-error";
import { userInfo } from "../request/user-info.ts";
import { defineReview, specOf } from "./review.ts";

const GROUP = "authentication.k8s.io";

export const selfSubjectReview = defineReview(
  { group: GROUP, kind: "SelfSubjectReview", scope: "Cluster" },
  (_body, { user }) => ({ status: { userInfo: userInfo(user) } }),
);

export const tokenReview = defineReview(
  { group: GROUP, kind: "TokenReview", scope: "Cluster" },
  async (body, _context, { bearerTokens, tokens }) => {
    const { token = "", audiences = [] } = specOf<{ token?: string; audiences?: string[] }>(body);
    if (token === "") throw new ApiError("BadRequest", "token is required for TokenReview in authentication");
    try {
      const wanted = audiences.length > 0 ? audiences : [tokens.issuer];
      const verified = await bearerTokens.verify(token, wanted);
      return { status: { authenticated: true, user: userInfo(verified.user), audiences: verified.audiences } };
    } catch (error) {
      if (!hasReason(error, "Unauthorized")) throw error;
      return { status: { user: {}, error: "[invalid bearer token, token lookup failed]" } };
    }
  },
);
