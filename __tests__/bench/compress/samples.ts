/** Records as an API may give them: keys that repeat, values that do not. */
function recordsOf(count: number): object[] {
  let seed = 1;
  const next = (bound: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return seed % bound;
  };
  const words = ['lorem', 'ipsum', 'dolor', 'amet', 'elit', 'tempor', 'labore', 'magna', 'aliqua', 'veniam', 'quis'];
  const word = () => words[next(words.length)];
  return Array.from({ length: count }, (_, id) => ({
    id,
    name: `${word()} ${word()}`,
    email: `user${next(1_000_000)}@example.org`,
    amount: next(1_000_000) / 100,
    tags: [word(), word()],
  }));
}

/** About 1.3 KB as JSON. */
export const smallRecords = recordsOf(13);

/** 1 MiB of JSON, cut. */
export const largeText = JSON.stringify(recordsOf(12_000)).slice(0, 1_048_576);

/** 4 KiB of text that compression makes three quarters of: many bytes reach the client. */
export const noise = Buffer.from(
  Array.from({ length: 4_096 }, (_, index) => 32 + ((Math.imul(index, 2_654_435_761) >>> 13) % 64)),
);
