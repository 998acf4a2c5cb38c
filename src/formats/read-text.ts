import type { PipeReader } from '../pipelines/pipe-reader';
import { decodeText, isEncoding } from './charset';
import { charsetUnsupported } from './errors';
import { type ReadBytesOptions, readWhole } from './read-bytes';

/** Options of {@link readText}. */
export interface ReadTextOptions extends ReadBytesOptions {
  /** Any charset that iconv-lite knows; another one is a 415, `charset.unsupported`. Default UTF-8. */
  charset?: string | undefined;
}

/** The rest of the body as text, without its byte order mark. Longer than `limit` bytes is a 413, `entity.too.large`. */
export async function readText(reader: PipeReader, options: ReadTextOptions = {}): Promise<string> {
  const { charset = 'utf-8' } = options;
  if (!isEncoding(charset)) throw charsetUnsupported(charset);
  return readWhole(reader, options, (bytes) => decodeText(bytes, charset));
}
