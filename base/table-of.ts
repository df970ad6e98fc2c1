/**
 * A constant table that is looked up by names that others choose. It holds its entries and nothing else: a plain object finds
 * what all objects have, too, and answers "constructor" with a function.
 */
export function tableOf<Entries extends object>(entries: Entries): Readonly<Entries> {
  return Object.freeze(Object.assign(Object.create(null) as object, entries)); // nothing but the entries, so their type
}
