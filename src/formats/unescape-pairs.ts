import { isUtf8 } from 'node:buffer';

/** Told the lengths of a name and a value as they were sent, to refuse them by throwing. */
export type CheckLengths = (nameLength: number, valueLength: number) => void;

/** What {@link UnescapedPairs.marks} has of each pair. */
export const marksOfPair = 3;

const ampersand = 38;
const equals = 61;
const percent = 37;
const plus = 43;
const space = 32;
const firstNonAscii = 128;
const noDigit = 255;

const hexValues = new Uint8Array(256).fill(noDigit);
for (let value = 0; value < 16; value += 1) {
  const digit = value.toString(16);
  hexValues[digit.charCodeAt(0)] = value;
  hexValues[digit.toUpperCase().charCodeAt(0)] = value;
}

/** The names and values of a form, split and without their escapes, one after the other. Good until the next call. */
export interface UnescapedPairs {
  /** In UTF-8. */
  readonly memory: Buffer;
  /** Bytes of the memory that are used. */
  readonly length: number;
  /** For each pair, {@link marksOfPair}: where its name ends, where its value ends, 0 when both are ASCII. */
  readonly marks: readonly number[];
  /** Marks that are used. */
  readonly markCount: number;
}

// To allocate them anew costs as much as to scan a small form.
const usualMemory = Buffer.alloc(65_536);
const usualMarks: number[] = Array.from({ length: 3_072 }, () => 0);

const hasNonAscii = 1;
const hasInvalidEscape = 2;

/** Splits a form in UTF-8. `isLatin1` says that its escapes are characters of ISO-8859-1 and not bytes of UTF-8. */
export function unescapePairs(bytes: Buffer, isLatin1: boolean, checkLengths: CheckLengths): UnescapedPairs {
  const { length } = bytes;
  const memory = length <= usualMemory.length ? usualMemory : Buffer.allocUnsafe(length);
  const marks = length <= usualMarks.length ? usualMarks : [];
  const piece: Piece = { bytes, memory, isLatin1, index: 0, written: 0, flags: 0 };
  let markCount = 0;
  while (piece.index < length) {
    const nameAt = piece.index;
    takePiece(piece, equals);
    const { index: nameEnd, written: memoryNameEnd, flags: nameFlags } = piece;
    let valueLength = 0;
    if (nameEnd < length && bytes[nameEnd] === equals) {
      piece.index += 1;
      takePiece(piece, ampersand);
      valueLength = piece.index - nameEnd - 1;
    }
    checkLengths(nameEnd - nameAt, valueLength);
    piece.index += 1;
    marks[markCount] = memoryNameEnd;
    marks[markCount + 1] = piece.written;
    marks[markCount + 2] = nameFlags | piece.flags;
    markCount += marksOfPair;
  }
  return { memory, length: piece.written, marks, markCount };
}

/** A name or a value, and where it is read from and written to. */
interface Piece {
  readonly bytes: Buffer;
  readonly memory: Buffer;
  readonly isLatin1: boolean;
  index: number;
  written: number;
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
    if (byte > equals) {
      if (byte >= firstNonAscii) flags |= hasNonAscii;
      memory[written++] = byte;
    } else if (byte === ampersand || byte === end) break;
    else if (byte !== percent) memory[written++] = byte === plus ? space : byte;
    else {
      const code = escapedCode(bytes, index);
      if (code >= firstNonAscii) flags |= hasNonAscii;
      if (code === -1) flags |= hasInvalidEscape;
      else index += 2;
      if (piece.isLatin1 && code >= firstNonAscii) memory[written++] = 0xc0 | (code >> 6);
      memory[written++] = code === -1 ? percent : piece.isLatin1 && code >= firstNonAscii ? 0x80 | (code & 0x3f) : code;
    }
  }
  piece.index = index;
  piece.flags = flags;
  piece.written = flags === 0 || isText(piece, start, written) ? written : copyPiece(piece, first, start);
}

/** The byte that an escape stands for; -1 when it is none. */
function escapedCode(bytes: Buffer, at: number): number {
  if (at + 2 >= bytes.length) return -1;
  const high = hexValues[bytes[at + 1] as number] as number;
  const low = hexValues[bytes[at + 2] as number] as number;
  return high === noDigit || low === noDigit ? -1 : high * 16 + low;
}

function isText({ memory, isLatin1, flags }: Piece, start: number, end: number): boolean {
  return isLatin1 || (flags === hasNonAscii && isUtf8(memory.subarray(start, end)));
}

/** Writes a piece with its escapes. */
function copyPiece({ bytes, memory, index }: Piece, first: number, start: number): number {
  const end = start + bytes.copy(memory, start, first, index);
  for (let at = start; at < end; at += 1) if (memory[at] === plus) memory[at] = space;
  return end;
}
