import { isUtf8 } from 'node:buffer';

/** The limits of a urlencoded form, as FormOptions in ASP.NET. Each number passes, one more is a 413. */
export interface PairLimits {
  /** Pairs at most, empty ones and repeated names counted; `parameters.too.many`. */
  readonly valueCountLimit: number;
  /** Bytes of a name at most, as they were sent; `form.key.too.long`. */
  readonly keyLengthLimit: number;
  /** Bytes of a value at most, as they were sent; `form.value.too.long`. */
  readonly valueLengthLimit: number;
}

/** What {@link UnescapedPairs.marks} has of each pair. */
export const marksOfPair = 3;

const ampersand = 38;
const equals = 61;
const percent = 37;
const plus = 43;
const space = 32;
const openingBracket = 91;
const closingBracket = 93;
const noDigit = 255;

const hexValues = new Uint8Array(256).fill(noDigit);
for (let value = 0; value < 16; value += 1) {
  const digit = value.toString(16);
  hexValues[digit.charCodeAt(0)] = value;
  hexValues[digit.toUpperCase().charCodeAt(0)] = value;
}

/** What a name or a value has. The first is the bit that no byte of ASCII has. */
export const pairFlags = { nonAscii: 0x80, oddEscape: 1, bracket: 2 } as const;
const { nonAscii, oddEscape, bracket } = pairFlags;

/** The names and values of a form, split and without their escapes, one after the other. Good until the next call. */
export interface UnescapedPairs {
  /** In UTF-8. */
  readonly memory: Buffer;
  /** Bytes of the memory that are used. */
  readonly length: number;
  /** For each pair, {@link marksOfPair}: where its name ends, where its value ends, and its {@link pairFlags}. */
  readonly marks: readonly number[];
  /** Marks that are used. */
  readonly markCount: number;
  /** The {@link pairFlags} of all pairs. */
  readonly flags: number;
  /** The limit that the next pair is beyond; the pairs before it are here. */
  readonly exceeded: keyof PairLimits | undefined;
}

// To allocate them anew costs as much as to scan a small form.
const usualMemory = Buffer.alloc(65_536);
const usualMarks: number[] = Array.from({ length: 3_072 }, () => 0);

/** Splits a form in UTF-8. `isLatin1` says that its escapes are characters of ISO-8859-1 and not bytes of UTF-8. */
export function unescapePairs(bytes: Buffer, isLatin1: boolean, limits: PairLimits): UnescapedPairs {
  const { length } = bytes;
  const memory = length <= usualMemory.length ? usualMemory : Buffer.allocUnsafe(length);
  const marksAtMost = Math.min(length, limits.valueCountLimit) * marksOfPair;
  const marks = marksAtMost <= usualMarks.length ? usualMarks : [];
  const piece: Piece = { bytes, memory, isLatin1, index: 0, written: 0, flags: 0 };
  let exceeded: keyof PairLimits | undefined;
  let markCount = 0;
  let allFlags = 0;
  let written = 0;
  while (piece.index < length) {
    const nameAt = piece.index;
    piece.flags = 0;
    takePiece(piece, equals);
    const { index: nameEnd, written: memoryNameEnd } = piece;
    if (nameEnd < length && bytes[nameEnd] === equals) {
      piece.index += 1;
      takePiece(piece, ampersand);
    }
    if (markCount === marksAtMost) exceeded = 'valueCountLimit';
    else if (nameEnd - nameAt > limits.keyLengthLimit) exceeded = 'keyLengthLimit';
    else if (piece.index - nameEnd - 1 > limits.valueLengthLimit) exceeded = 'valueLengthLimit';
    if (exceeded !== undefined) break;
    piece.index += 1;
    written = piece.written;
    allFlags |= piece.flags;
    marks[markCount] = memoryNameEnd;
    marks[markCount + 1] = written;
    marks[markCount + 2] = piece.flags;
    markCount += marksOfPair;
  }
  return { memory, length: written, marks, markCount, flags: allFlags, exceeded };
}

/** A name or a value, and where it is read from and written to. */
interface Piece {
  readonly bytes: Buffer;
  readonly memory: Buffer;
  readonly isLatin1: boolean;
  index: number;
  written: number;
  /** Of the pair so far. */
  flags: number;
}

/** Writes what stands before the next `&` or `end` without its escapes. */
function takePiece(piece: Piece, end: number): void {
  const { bytes, memory, index: first, written: start } = piece;
  const { length } = bytes;
  let written = start;
  let index = first;
  let flags = 0;
  for (; index < length; index += 1) {
    const byte = bytes[index] as number;
    // Most bytes are small letters.
    if (byte > closingBracket) {
      flags |= byte & nonAscii;
      memory[written++] = byte;
    } else if (byte === ampersand || byte === end) break;
    else if (byte === percent) {
      const code = escapedCode(bytes, index);
      if (code === -1) {
        flags |= oddEscape;
        memory[written++] = percent;
        continue;
      }
      index += 2;
      if (code >= openingBracket) flags |= flagsOf(code);
      if (code < nonAscii || !piece.isLatin1) memory[written++] = code;
      else written = memory.writeUInt16BE(0xc080 | ((code & 0xc0) << 2) | (code & 0x3f), written);
    } else {
      if (byte === openingBracket || byte === closingBracket) flags |= bracket;
      memory[written++] = byte === plus ? space : byte;
    }
  }
  piece.index = index;
  piece.written = written;
  if ((flags & (nonAscii | oddEscape)) !== 0 && !isText(piece, start, flags)) {
    flags |= oddEscape;
    piece.written = copyPiece(piece, first, start);
  }
  piece.flags |= flags;
}

/** The byte that an escape stands for; -1 when it is none. */
function escapedCode(bytes: Buffer, at: number): number {
  if (at + 2 >= bytes.length) return -1;
  const high = hexValues[bytes[at + 1] as number] as number;
  const low = hexValues[bytes[at + 2] as number] as number;
  return high === noDigit || low === noDigit ? -1 : high * 16 + low;
}

function flagsOf(code: number): number {
  return code === openingBracket || code === closingBracket ? bracket : code & nonAscii;
}

function isText({ memory, written, isLatin1 }: Piece, start: number, flags: number): boolean {
  return isLatin1 || ((flags & oddEscape) === 0 && isUtf8(memory.subarray(start, written)));
}

/** Writes a piece with its escapes. */
function copyPiece({ bytes, memory, index }: Piece, first: number, start: number): number {
  const end = start + bytes.copy(memory, start, first, index);
  for (let at = start; at < end; at += 1) if (memory[at] === plus) memory[at] = space;
  return end;
}
