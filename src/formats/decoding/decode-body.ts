import type { PipeReader } from '../../pipelines/pipe-reader';
import { decodersOf } from './content-codings';
import { DecodedPipeReader } from './decoded-pipe-reader';
import type { DecodingSettings } from './decoding-options';

/**
 * A reader over what a body was before its content codings, given in the order in which they were applied.
 *
 * 415, `encoding.unsupported`, at once when one of them cannot be decoded; nothing is read then. `complete()` gives up the
 * decoders and leaves `encoded` open.
 */
export function decodeBody(encoded: PipeReader, codings: readonly string[], settings: DecodingSettings): PipeReader {
  const decoders = decodersOf(codings, settings.allowUnsafeBrotli);
  return decoders.reduce<PipeReader>((reader, coding, index) => {
    const isLast = index === decoders.length - 1;
    return new DecodedPipeReader(reader, coding, { ...settings, isEncoded: !isLast });
  }, encoded);
}
