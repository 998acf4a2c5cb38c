import type { IncomingMessage } from 'node:http';
import { decodeBody } from '../formats/decoding/decode-body';
import type { DecodedPipeReader } from '../formats/decoding/decoded-pipe-reader';
import type { DecodingSettings } from '../formats/decoding/decoding-options';
import { DecodeMessage, decodeChannel, publishEnd, publishStart } from '../http/body-channels';
import type { PipeReader } from '../pipelines/pipe-reader';
import { codingsOf } from './open-body';

/** {@link decodeBody} for the codings of a request; `encoded` itself where it has none. */
export function decodeRequest(request: IncomingMessage, encoded: PipeReader, settings: DecodingSettings): PipeReader {
  const codings = codingsOf(request);
  if (codings.length === 0) return encoded;
  if (!decodeChannel.hasSubscribers) return decodeBody(encoded, codings, settings);
  const message = new DecodeMessage(request, codings);
  publishStart(decodeChannel, message);
  try {
    return watched(decodeBody(encoded, codings, settings) as DecodedPipeReader, message);
  } catch (error) {
    publishEnd(decodeChannel, message, error);
    throw error;
  }
}

function watched(decoded: DecodedPipeReader, message: DecodeMessage): PipeReader {
  decoded.whenStopped = () => {
    message.encodedBytes = decoded.encodedBytes;
    message.decodedBytes = decoded.decodedBytes;
    publishEnd(decodeChannel, message, decoded.sourceCompletion.error);
  };
  return decoded;
}
