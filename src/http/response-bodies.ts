import type { ServerResponse } from 'node:http';
import { NativeResponse } from './native-response';
import type { NativeResponseMethods } from './native-response-methods';
import { bodyAboveOthers, isPatched } from './patched-response';
import { ResponseBody } from './response-body';
import { ResponseCompletion } from './response-completion';
import { isWatched, watchedMethods } from './watched-methods';

/** Where a response keeps its body. Made on first use; the message classes declare it, so that it costs nothing. */
export const kResponseBody = Symbol('pipebody.responseBody');

/** Where it keeps the body above what others put on it, if they did. */
export const kAbove = Symbol('pipebody.above');
export const kCompletion = Symbol('pipebody.completion');

/** A response with the slots. */
export interface ResponseWithBody extends ServerResponse {
  [kResponseBody]: ResponseBody | undefined;
  [kAbove]?: ResponseBody;
  [kCompletion]?: ResponseCompletion;
}

/** How the members find the body of a response. */
export interface ResponseBodies {
  /** The body above node:http's own methods, made where it is not there yet. */
  bodyOf(response: ResponseWithBody): ResponseBody;
  /** What users see: above what other middleware put on the response. A starting callback sees what lies beneath all. */
  currentOf(response: ResponseWithBody): ResponseBody;
  /** The response is about to get something that must not be lost. */
  keep(response: ResponseWithBody): void;
  /** The body that everything goes through, where there is one or somebody listens; else node:http can have it at once. */
  wayOf(response: ResponseWithBody): ResponseBody | undefined;
}

/** `keep` is told of a response that is about to get something that must not be lost. */
export function bodiesOf(native: NativeResponseMethods, keep: (response: ResponseWithBody) => void): ResponseBodies {
  const bodyOf = (response: ResponseWithBody): ResponseBody => {
    if (response[kResponseBody] === undefined) {
      const methods = isWatched(response) ? watchedMethods(response, native) : native;
      response[kResponseBody] = new ResponseBody(new NativeResponse(response, methods));
    }
    return response[kResponseBody];
  };
  return {
    bodyOf,
    currentOf: (response) => currentBody(response, bodyOf(response)),
    keep,
    wayOf: (response) => response[kResponseBody] ?? (isWatched(response) ? bodyOf(response) : undefined),
  };
}

function currentBody(response: ResponseWithBody, body: ResponseBody): ResponseBody {
  if (body.start.isInCallback) return body;
  if (isPatched(response)) response[kAbove] = bodyAboveOthers(response[kAbove] ?? body);
  return response[kAbove] ?? body;
}

/** What is to be done after a response, made where it is not there yet. */
export function completionOf(response: ResponseWithBody): ResponseCompletion {
  response[kCompletion] ??= new ResponseCompletion(response);
  return response[kCompletion];
}
