/** Records of three sizes, by their number: about 30, 110 and 500 bytes of JSON. */
export const records: Record<string, (id: number) => unknown> = {
  small: (id) => ({ id, name: `user${id}` }),
  middle: (id) => ({
    id,
    name: `user${id}`,
    email: `user${id}@example.com`,
    tags: ['a', 'b'],
    score: id / 7,
    active: true,
  }),
  large: (id) => ({
    id,
    items: Array.from({ length: 12 }, (_, index) => ({
      index,
      value: `value ${index} of ${id}`,
      even: index % 2 === 0,
    })),
  }),
};

/** The JSON of so many records that they have about as many bytes. */
export function jsonOf(kind: string, byteCount: number): string[] {
  const record = records[kind] as (id: number) => unknown;
  const texts: string[] = [];
  for (let length = 0; length < byteCount; length += texts.at(-1)?.length ?? 0) {
    texts.push(JSON.stringify(record(texts.length)));
  }
  return texts;
}
