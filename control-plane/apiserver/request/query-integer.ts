import { ApiError } from "@atoll/machinery/object/api-error";

/** A whole number of the query as upstream reads it, in Go's words where it is none; undefined where it is left out. */
export function queryInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const refuse = (why: string) =>
    new ApiError("BadRequest", `strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw refuse("invalid syntax");
  const value = BigInt(text.replace("+", ""));
  if (BigInt.asIntN(64, value) !== value) throw refuse("value out of range");
  return Number(value);
}
