/** A certificate with its private key, both PEM. Where they come from is not this server's business. */
export interface KeyPairPem {
  readonly certificate: string;
  readonly key: string;
}
