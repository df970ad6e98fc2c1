// Randomness as a parameter, so that a simulation can be replayed from its seed.

export interface Random {
  /** Fills and returns a new array of `length` bytes. */
  bytes(length: number): Uint8Array;
  /** A float in [0, 1). */
  float(): number;
}

/** Bytes asked of the platform at a time: a call costs as much as a thousand bytes, and a UUID needs sixteen. */
const POOL_BYTES = 4096;

const pool = new Uint8Array(POOL_BYTES);
let poolUsed = POOL_BYTES;

/** The platform's cryptographic generator; the only one that may make secrets, names in use and UIDs. */
export const systemRandom: Random = {
  bytes(length) {
    if (length > POOL_BYTES / 2) return crypto.getRandomValues(new Uint8Array(length));
    if (poolUsed + length > POOL_BYTES) {
      crypto.getRandomValues(pool);
      poolUsed = 0;
    }
    const end = poolUsed + length;
    const bytes = pool.slice(poolUsed, end);
    // Handed out once: what is a key elsewhere must not stay here.
    pool.fill(0, poolUsed, end);
    poolUsed = end;
    return bytes;
  },
  float: () => new DataView(systemRandom.bytes(4).buffer).getUint32(0) / 0x1_0000_0000,
};

/** A small deterministic generator (mulberry32) for tests and simulation; never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const nextWord = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  };
  return {
    bytes: (length) => Uint8Array.from({ length }, () => nextWord() & 0xff),
    float: () => nextWord() / 0x1_0000_0000,
  };
}

/** A version 4 UUID (RFC 9562) in lower case. */
export function randomUuid(random: Random): string {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  let uuid = "";
  for (let index = 0; index < bytes.length; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) uuid += "-";
    uuid += HEX[bytes[index] ?? 0];
  }
  return uuid;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

// No vowels and no characters that look alike: random names never spell a word. Kubernetes uses the same alphabet.
const NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** `length` characters for a generated object name. */
export function randomName(random: Random, length: number): string {
  return Array.from({ length }, () => NAME_ALPHABET[Math.floor(random.float() * NAME_ALPHABET.length)]).join("");
}
