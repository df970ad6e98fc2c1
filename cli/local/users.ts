import { readFileSync } from "node:fs";
import { runCommand } from "@atoll/base/node/run-command";

/** The users that Atoll's unprivileged programs run as. */
export const SERVICE_USERS = {
  supervisor: "atoll-supervisor",
  spherelet: "atoll-spherelet",
  registry: "atoll-registry",
} as const;

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

export function lookUpUser(name: string): UserIds | undefined {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  if (!line) return undefined;
  const fields = line.split(":");
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** Makes the user, without home, shell and password, unless it is there. */
export async function ensureUser(name: string, signal: AbortSignal): Promise<UserIds> {
  if (!lookUpUser(name)) {
    const shell = "/usr/sbin/nologin";
    await runCommand("useradd", ["--system", "--user-group", "--no-create-home", "--shell", shell, name], { signal });
  }
  const ids = lookUpUser(name);
  if (!ids) throw new Error(`User "${name}" was made but is not in /etc/passwd`);
  return ids;
}

export async function removeUser(name: string, signal: AbortSignal): Promise<void> {
  if (lookUpUser(name)) await runCommand("userdel", [name], { signal });
}
