// Which of a level's queues one flow may use: a hand of them, dealt by the flow's hash. Two flows seldom share all of theirs,
// so one that floods its queues leaves nearly every other one a free one.

/** The most bits that a hand is dealt from; validation keeps decks within it. */
const HASH_BITS = 60n;

/** 64-bit FNV-1a; only how well it spreads matters. */
export function hashFlow(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  }
  return hash;
}

/** Different cards out of [0, deckSize), the same for the same hash. */
export function dealHand(hash: bigint, deckSize: number, handSize: number): number[] {
  const hand: number[] = [];
  let rest = BigInt.asUintN(Number(HASH_BITS), hash);
  for (let dealt = 0; dealt < handSize; dealt++) {
    const left = BigInt(deckSize - dealt);
    let card = Number(rest % left);
    rest /= left;
    // The deck without the cards dealt before, in order.
    for (const before of hand.toSorted((a, b) => a - b)) if (before <= card) card++;
    hand.push(card);
  }
  return hand;
}
