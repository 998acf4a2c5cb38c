import type { IncomingMessage } from 'node:http';
import { AbortError } from '../pipelines/abort-error';
import { responseOf } from './exchange';
import { whenClosed } from './when-closed';

/** A signal that is aborted when the client goes away before the response is finished. */
export function abortSignalOf(request: IncomingMessage): AbortSignal {
  const controller = new AbortController();
  const response = responseOf(request);
  let isCutOff = false;
  const abort = () => {
    if (response?.writableFinished !== true || isCutOff) {
      controller.abort(new AbortError(undefined, 'The client went away before the response was finished.'));
    }
  };
  const isGone = request.destroyed && !request.complete;
  if (isGone || response?.destroyed) abort();
  else {
    if (response !== undefined) whenClosed(response, abort);
    // node:http says so of a response that was ended, too, when its connection fails with bytes still under way.
    response?.once('finish', () => {
      isCutOff = request.socket?.destroyed === true;
    });
    // A response that waits behind others on its connection does not learn of it.
    request.once('aborted', abort);
  }
  return controller.signal;
}
