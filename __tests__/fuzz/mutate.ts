import type { Random } from './random';

/** What a mutation works with. */
export interface Material {
  /** Inputs that were worth keeping. */
  readonly inputs: readonly Buffer[];
  /** Words that mean something to the parser. */
  readonly words: readonly string[];
}

type Mutation = (bytes: Buffer, random: Random, material: Material) => Buffer;

const longestInput = 4_096;
const edgeBytes = Buffer.from([0, 1, 9, 10, 13, 32, 34, 37, 38, 45, 61, 91, 92, 127, 128, 0xc3, 0xed, 0xf0, 255]);

/** Bytes with a part replaced. */
function splice(bytes: Buffer, start: number, end: number, ...between: Uint8Array[]): Buffer {
  return Buffer.concat([bytes.subarray(0, start), ...between, bytes.subarray(end)]);
}

function range(bytes: Buffer, random: Random): [number, number] {
  const start = random.below(bytes.length + 1);
  return [start, Math.min(bytes.length, start + 1 + random.below(random.oneOf([2, 16, 256])))];
}

const mutations: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const copy = Buffer.from(bytes);
    const at = random.below(copy.length || 1);
    if (at < copy.length) copy[at] = (copy[at] as number) ^ (1 << random.below(8));
    return copy;
  },
  function insertByte(bytes, random) {
    const at = random.below(bytes.length + 1);
    return splice(bytes, at, at, Buffer.of(random.below(2) === 0 ? random.below(256) : random.oneOf([...edgeBytes])));
  },
  function replaceByte(bytes, random) {
    const at = random.below(bytes.length + 1);
    return splice(bytes, at, at + 1, Buffer.of(random.oneOf([...edgeBytes])));
  },
  function insertWord(bytes, random, { words }) {
    const at = random.below(bytes.length + 1);
    return splice(bytes, at, at, Buffer.from(random.oneOf(words), 'latin1'));
  },
  function replaceByWord(bytes, random, { words }) {
    return splice(bytes, ...range(bytes, random), Buffer.from(random.oneOf(words), 'latin1'));
  },
  function remove(bytes, random) {
    return splice(bytes, ...range(bytes, random));
  },
  function repeat(bytes, random) {
    const [start, end] = range(bytes, random);
    return splice(bytes, end, end, ...Array(1 + random.below(8)).fill(bytes.subarray(start, end)));
  },
  function cutOff(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
  function graft(bytes, random, { inputs }) {
    const other = random.oneOf(inputs);
    const [start, end] = range(other, random);
    return splice(bytes, ...range(bytes, random), other.subarray(start, end));
  },
  function cross(bytes, random, { inputs }) {
    const other = random.oneOf(inputs);
    return splice(bytes, random.below(bytes.length + 1), bytes.length, other.subarray(random.below(other.length + 1)));
  },
];

/** Bytes as somebody might send them who knows what they ought to be. */
export function mutate(bytes: Buffer, random: Random, material: Material): Buffer {
  let mutated = bytes;
  for (let left = 1 + random.below(4); left > 0; left--) mutated = random.oneOf(mutations)(mutated, random, material);
  return mutated.subarray(0, longestInput);
}
