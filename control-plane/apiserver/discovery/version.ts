/** What `/version` says. The API is that of Kubernetes 1.36; clients compare the two numbers. */
export const VERSION = {
  major: "1",
  minor: "36",
  gitVersion: "v1.36.2+atoll.0.1.0",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "none",
  compiler: "none",
  platform: "linux/amd64",
} as const;
