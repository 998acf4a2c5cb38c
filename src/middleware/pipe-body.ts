import { ensureMembers } from '../http/hang-members';
import type { Handler } from './handler';

/**
 * Gives every request `body` and `bodyReader`, every response `body` and `bodyWriter`.
 *
 * Mount it first. On a server made by `createServer()` they are there without it.
 */
export function pipeBody(): Handler {
  return function pipeBody(request, response, next) {
    ensureMembers(request, response);
    next();
  };
}
