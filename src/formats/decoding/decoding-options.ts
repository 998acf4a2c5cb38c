import { checkSize } from '../../pipelines/check-size';
import { noRatio } from '../errors';

/** How a body with content codings is decoded. */
export interface DecodingOptions {
  /**
   * Decoded bytes at most for each encoded one, from 8,388,608 decoded bytes (8 MiB) on; more is a 413,
   * `entity.too.large`. `Infinity` is no bound besides `limit`. Default 200, as Apache's mod_deflate.
   */
  maxRatio?: number | undefined;
  /**
   * Whether `br` is decoded where Node's decoder has CVE-2026-111497, an out-of-bounds write that a client controls: in
   * all of Node 20, and in 22, 24 and 26 before 22.23.4, 24.22.1 and 26.12.1. Default false: a 415.
   */
  allowUnsafeBrotli?: boolean | undefined;
}

/** Options with every default filled in. */
export interface DecodingSettings {
  /** Decoded bytes at most. */
  readonly limit: number;
  readonly maxRatio: number;
  readonly allowUnsafeBrotli: boolean;
}

export const defaultMaxRatio = 200;

/** Refuses bad options with a `RangeError`. */
export function resolveDecodingOptions(options: DecodingOptions, limit: number): DecodingSettings {
  const { maxRatio = defaultMaxRatio, allowUnsafeBrotli = false } = options;
  checkSize('limit', limit, 0);
  if (!(typeof maxRatio === 'number' && maxRatio >= 1)) throw noRatio(maxRatio);
  return { limit, maxRatio, allowUnsafeBrotli };
}
