// Sets of a job's indexes as text, "0-3,5": ordered, without overlap, below the number of completions.

export type IndexesResult =
  | { readonly count: number; readonly intervals: readonly { readonly first: number; readonly last: number }[] }
  | { readonly error: string };

export function parseIndexes(text: string, completions: number): IndexesResult {
  const intervals: { first: number; last: number }[] = [];
  let count = 0;
  let last = -1;
  for (const part of text === "" ? [] : text.split(",")) {
    const limits = part.split("-");
    if (limits.length > 2) {
      return {
        error: `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`,
      };
    }
    for (const limit of limits) {
      if (!/^\d+$/.test(limit))
        return { error: `cannot convert string to integer for index: ${JSON.stringify(limit)}` };
      if (Number(limit) >= completions) return { error: `too large index: ${JSON.stringify(limit)}` };
    }
    const [first = 0, end = first] = limits.map(Number);
    if (limits.length === 2 && first >= end) {
      return { error: `non-increasing order, previous: ${first}, current: ${end}` };
    }
    if (last >= first) return { error: `non-increasing order, previous: ${last}, current: ${first}` };
    last = end;
    intervals.push({ first, last: end });
    count += end - first + 1;
  }
  return { count, intervals };
}
