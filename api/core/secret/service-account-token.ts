// Names in Secrets that hold the token of a service account.

export const SERVICE_ACCOUNT_TOKEN_TYPE = "kubernetes.io/service-account-token";
/** Whose token it is; written by whoever makes the Secret. */
export const ACCOUNT_NAME_ANNOTATION = "kubernetes.io/service-account.name";
export const ACCOUNT_UID_ANNOTATION = "kubernetes.io/service-account.uid";
/** "2026-01-31", the last day the token was shown. */
export const LAST_USED_LABEL = "kubernetes.io/legacy-token-last-used";
/** Set by whoever found the token unused for long; it is refused from then on. */
export const INVALID_SINCE_LABEL = "kubernetes.io/legacy-token-invalid-since";

export const TOKEN_KEY = "token";
export const AUTHORITY_KEY = "ca.crt";
export const NAMESPACE_KEY = "namespace";
