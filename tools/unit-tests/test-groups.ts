// Which files of tests share a process. Starting Node and loading the types that most tests need takes longer than the tests of a
// usual file: a process for each file took twice the CPU.

/** Folders whose files start programs and threads, watch signals, or look at their own process: each has one to itself. */
const ALONE = ["bin/", "control-plane/store/sqlite/", "test/fuzz/"];

/** Enough to share the loading, few enough that a failed process names a small place and that two CPUs end together. */
const FILES_MAX = 18;

export interface TestGroup {
  readonly name: string;
  readonly files: readonly string[];
}

/** In the order of what should start first: files of their own, which wait more than they compute. */
export function testGroups(files: readonly string[]): TestGroup[] {
  const isAlone = (file: string) => ALONE.some((folder) => file.startsWith(folder));
  const alone = files.filter(isAlone).map((file) => ({ name: file, files: [file] }));
  const shared = Map.groupBy(
    files.filter((file) => !isAlone(file)),
    placeOf,
  );
  return [...alone, ...[...shared].flatMap(([place, ofPlace]) => inPieces(place, ofPlace))];
}

/** The top folder; of the largest ones, the folder below. */
function placeOf(file: string): string {
  const [top = "", below = ""] = file.split("/");
  return top === "control-plane" ? `${top}/${below}` : top;
}

/** Of equal length, so that none is left with a single file. */
function inPieces(place: string, files: readonly string[]): TestGroup[] {
  const pieces = Math.ceil(files.length / FILES_MAX);
  const size = Math.ceil(files.length / pieces);
  return Array.from({ length: pieces }, (_, piece) => ({
    name: pieces === 1 ? place : `${place} ${piece + 1}/${pieces}`,
    files: files.slice(piece * size, (piece + 1) * size),
  }));
}
