/**
 * What the record itself holds under a name that somebody else has chosen; undefined for what it only has as all objects do, such
 * as "constructor". A constant of ours is a `tableOf` instead.
 */
export function ownValue<Value>(record: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
