/** One watch event: an object may have 1.5 MiB in the store, its JSON escaped a few times that. */
export const LINE_CHARACTERS_MAX = 16 * 1024 * 1024;

/** Parses a stream of JSON values, one a line, as watches send them. A last line without its end is dropped: it was cut off. */
export async function* parseJsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      const line = rest + text.slice(start, end);
      rest = "";
      start = end + 1;
      if (line.trim() !== "") yield JSON.parse(line);
    }
    rest += text.slice(start);
    if (rest.length > LINE_CHARACTERS_MAX) throw new Error(`A line is longer than ${LINE_CHARACTERS_MAX} characters`);
  }
}
