import type { ServerResponse } from 'node:http';
import { publishEnd, publishStart, WriteMessage, writeChannel } from './body-channels';
import { byteLength, hasBody } from './native-response';
import type { NativeResponseMethods } from './native-response-methods';
import { whenClosed } from './when-closed';

/** What a stream that closed before its end says in Node. */
const cutOff = { name: 'Error', code: 'ERR_STREAM_PREMATURE_CLOSE' };

/** Whether somebody listens to the writing of a response that has not begun. */
export function isWatched(response: ServerResponse): boolean {
  return writeChannel.hasSubscribers && !response.headersSent;
}

/**
 * The methods that a response is sent by, with somebody listening: beneath every body that was swapped in, so that the
 * bytes are those that leave.
 */
export function watchedMethods(response: ServerResponse, methods: NativeResponseMethods): NativeResponseMethods {
  const message = new WriteMessage(response);
  let hasBegun = false;
  let isFinished = false;
  const begin = () => {
    if (hasBegun) return;
    hasBegun = true;
    publishStart(writeChannel, message);
    response.once('finish', () => {
      isFinished = true;
    });
    whenClosed(response, () =>
      publishEnd(writeChannel, message, isFinished ? undefined : (response.errored ?? cutOff)),
    );
  };
  const count = (chunk: unknown, encoding: BufferEncoding | undefined) => {
    begin();
    if (hasBody(response)) message.bytes += byteLength(chunk, encoding);
  };
  return {
    ...methods,
    write(chunk, encoding, callback) {
      count(chunk, encoding);
      return methods.write.call(response, chunk, encoding, callback);
    },
    end(chunk, encoding, callback) {
      count(chunk, encoding);
      return methods.end.call(response, chunk, encoding, callback);
    },
    writeHead(...head) {
      begin();
      return methods.writeHead.apply(response, head);
    },
  };
}
