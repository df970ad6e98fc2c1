import { readFileSync } from "node:fs";
import { describeError } from "@atoll/base/errors";
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

/** What userdel says of a user that still has processes: another Supervisor of this machine runs as the same users. */
const USER_IN_USE = /currently used by process/;

/** Returns false for a user that is left because a program runs as it. */
export async function removeUser(name: string, signal: AbortSignal): Promise<boolean> {
  if (!lookUpUser(name)) return true;
  try {
    await runCommand("userdel", [name], { signal });
    return true;
  } catch (error) {
    if (USER_IN_USE.test(describeError(error))) return false;
    throw error;
  }
}
