import type { PipeReader } from '../pipelines/pipe-reader';
import type { WaitOptions } from '../pipelines/results';
import { canonicalName, decodeText, encodeText } from './charset';
import { nextRead } from './next-read';

/** Charsets that leave the order of their bytes to a byte order mark. */
const openOrder = ['utf16', 'utf32', 'ucs4'];

/**
 * Consumes a byte order mark, if the text begins with one. The charset that the text is in: for UTF-16 and UTF-32 with the
 * order of their bytes, which is that of the mark, or else the lower byte first. iconv-lite would look for it too, but its
 * decoders keep the first chunks for that, whose memory is used again.
 */
export async function skipByteOrderMark(reader: PipeReader, charset: string, options: WaitOptions): Promise<string> {
  const candidates = openOrder.includes(canonicalName(charset)) ? [`${charset}le`, `${charset}be`] : [charset];
  return (await skipAnyMark(reader, candidates, options)) ?? (candidates[0] as string);
}

/** That of UTF-32 first: the mark of UTF-16 is its beginning. */
const marked = ['utf-32le', 'utf-32be', 'utf-8', 'utf-16le', 'utf-16be'];

/** As {@link skipByteOrderMark}, but a byte order mark of any charset decides. */
export async function detectCharset(reader: PipeReader, charset: string, options: WaitOptions): Promise<string> {
  return (await skipAnyMark(reader, marked, options)) ?? skipByteOrderMark(reader, charset, options);
}

async function skipAnyMark(reader: PipeReader, charsets: readonly string[], options: WaitOptions) {
  for (const charset of charsets) {
    if (await skipMark(reader, markOf(charset), options)) return charset;
  }
  return undefined;
}

/** The mark in a charset; nothing where the charset has none. */
function markOf(charset: string): Buffer {
  const mark = encodeText('\uFEFF', charset);
  return decodeText(Buffer.concat([mark, mark]), charset) === '\uFEFF' ? mark : Buffer.alloc(0);
}

/** Reads no further than is needed to know. */
async function skipMark(reader: PipeReader, mark: Buffer, options: WaitOptions): Promise<boolean> {
  if (mark.length === 0) return false;
  for (;;) {
    const { buffer, isCompleted } = await nextRead(reader, options);
    const start = buffer.slice(0, Math.min(mark.length, buffer.length)).toBuffer();
    const isLike = mark.subarray(0, start.length).equals(start);
    const isThere = isLike && start.length === mark.length;
    if (isThere || !isLike || isCompleted) {
      reader.advanceTo(isThere ? buffer.getPosition(mark.length) : buffer.start);
      return isThere;
    }
    reader.advanceTo(buffer.start, buffer.end);
  }
}
