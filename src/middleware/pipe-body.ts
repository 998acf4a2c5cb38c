import { ensureMembers } from '../http/hang-members';
import { checkRequestLimits, type RequestLimits } from '../http/request-limits';
import { limitBody } from '../http/request-members';
import type { Handler } from './handler';

/** Options of {@link pipeBody}. */
export interface PipeBodyOptions extends RequestLimits {}

/**
 * Gives every request `body` and `bodyReader`, every response `body` and `bodyWriter`.
 *
 * Mount it first. On a server made by `createServer()` they are there without it, and it takes its options only. Options
 * may be other ones further down: the last ones hold.
 */
export function pipeBody(options: PipeBodyOptions = {}): Handler {
  checkRequestLimits(options);
  const hasLimits = options.maxRequestBodySize !== undefined || options.minRequestBodyDataRate !== undefined;
  return function bodyMembers(request, response, next) {
    ensureMembers(request, response);
    if (hasLimits) limitBody(request, options);
    next();
  };
}
