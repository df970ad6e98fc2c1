/** What is set up belongs to root, and looks absent or broken to anybody else. */
export function requireRoot(): void {
  if (process.getuid?.() !== 0)
    throw new Error("A Supervisor on this machine is root's to look at and to change: use sudo");
}
