import { checkSize } from '../pipelines/check-size';

/** How fast the body of a request must come while somebody waits for it. */
export interface MinDataRate {
  /** Bytes a second, on the average of the time waited. */
  bytesPerSecond: number;
  /** Milliseconds of waiting before the rate counts. */
  gracePeriodMs: number;
}

/** Bounds for the bodies of requests, checked when a body is read. Both are off by default. */
export interface RequestLimits {
  /**
   * Bytes of the body as they come over the wire, at most. More is a 413, `entity.too.large`; where Content-Length
   * tells, at the first read. Default: no limit.
   */
  maxRequestBodySize?: number;
  /** Below it a waiting read fails with a 408, `request.timeout`. Default: no limit. Kestrel has 240 bytes/s, 5 s. */
  minRequestBodyDataRate?: MinDataRate;
}

/** Refuses limits that are no sizes, when the middleware is made. */
export function checkRequestLimits({ maxRequestBodySize, minRequestBodyDataRate }: RequestLimits): void {
  if (maxRequestBodySize !== undefined) checkSize('maxRequestBodySize', maxRequestBodySize, 0);
  if (minRequestBodyDataRate === undefined) return;
  checkSize('minRequestBodyDataRate.bytesPerSecond', minRequestBodyDataRate.bytesPerSecond, 0);
  checkSize('minRequestBodyDataRate.gracePeriodMs', minRequestBodyDataRate.gracePeriodMs, 0);
}
