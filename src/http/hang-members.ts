import type { IncomingMessage, ServerResponse } from 'node:http';
import { toBytes } from '../streams/to-bytes';
import { linkExchange, responseOf } from './exchange';
import { guardMessages } from './guard-messages';
import { hasMembers, hasOwnMembers, markMembers } from './has-members';
import { isChunk } from './is-chunk';
import type { MemberSet } from './member-set';
import { bodyWithin, hasBodyWithin, requestMembers } from './request-members';
import { responseMembers } from './response-members';

/** Prototypes made here, one for each prototype of requests or responses that belong to nobody we may change. */
const derivedPrototypes = new WeakMap<object, object>();

/**
 * Hangs the members on a prototype, once: on the prototype of the message classes, or on an Express application's.
 *
 * Properties of their own would cost Express's requests about 2 µs each (docs/decisions/001).
 */
export function hangOn(prototype: object, members: MemberSet): void {
  if (hasOwnMembers(prototype)) return;
  const descriptors = members.hangingOn(prototype);
  for (const name of Reflect.ownKeys(descriptors)) {
    Object.defineProperty(prototype, name, { ...descriptors[name as string], enumerable: false });
  }
  markMembers(prototype);
  if (isOfApplication(prototype)) guardMessages(prototype, descriptors, members);
}

/** Gives a request and its response the members where no server of ours made them. */
export function ensureMembers(request: IncomingMessage, response: ServerResponse): void {
  // Made by our own classes, or seen before, and not taken over by an application with other prototypes.
  if (responseOf(request) === response && hasMembers(request)) return;
  if (!hasMembers(request)) hangOnMessage(request, requestMembers);
  if (!hasMembers(response)) hangOnMessage(response, responseMembers);
  linkExchange(request, response);
  if (Object.hasOwn(request, 'body') || Object.hasOwn(request, 'rawBody')) adoptGivenBody(request);
}

/**
 * Serverless platforms read the body themselves and leave it on the request: as bytes in `body`, or as bytes in `rawBody`
 * beside a parsed value. The bytes become the body. What a parser left in `body` is a value, though it may be bytes, too.
 */
function adoptGivenBody(request: IncomingMessage & { body?: unknown; rawBody?: unknown }): void {
  if (hasBodyWithin(request)) return;
  const { rawBody, readableDidRead } = request;
  const given = Object.getOwnPropertyDescriptor(request, 'body');
  delete request.body;
  const isUnread = isChunk(given?.value) && readableDidRead !== true;
  const bytes = isUnread ? given?.value : rawBody;
  if (isChunk(bytes)) bodyWithin(request).adopt(toBytes(bytes, null));
  if (given !== undefined && !isUnread) request.body = given.value;
}

function hangOnMessage(message: object, members: MemberSet): void {
  const application = applicationPrototype(message);
  if (application !== undefined) {
    hangOn(application, members);
    return;
  }
  const prototype = Object.getPrototypeOf(message);
  let derived = derivedPrototypes.get(prototype);
  if (derived === undefined) {
    derived = Object.create(prototype) as object;
    hangOn(derived, members);
    derivedPrototypes.set(prototype, derived);
  }
  Object.setPrototypeOf(message, derived);
}

/**
 * `app.request` or `app.response` of the Express application that the message is in; of the outermost one where
 * applications are mounted in each other, since theirs inherit from it.
 */
function applicationPrototype(message: object): object | undefined {
  let found: object | undefined;
  for (let object = Object.getPrototypeOf(message); object !== null; object = Object.getPrototypeOf(object)) {
    if (isOfApplication(object)) found = object;
  }
  return found;
}

/** `app.request` and `app.response` of Express have it. */
function isOfApplication(prototype: object): boolean {
  return Object.hasOwn(prototype, 'app');
}
