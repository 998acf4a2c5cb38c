import type { EveryLimit } from './form-options';

/** What the readers beneath call an option, and what form() does. */
const optionNames = new Map([
  ['entity.too.large', { theirs: 'limit', ours: 'totalSize' }],
  ['multipart.headers.too.many', { theirs: 'headersCountLimit', ours: 'headerPairs' }],
] as const);

/** An error of the readers beneath, with the name of the option that its reader can raise. */
export function inTermsOfForm(error: unknown, limits: EveryLimit): unknown {
  if (!(error instanceof Error)) return error;
  const { type, limit } = error as { type?: never; limit?: number };
  const names = optionNames.get(type as never);
  if (names !== undefined && limit === limits[names.ours]) {
    error.message = error.message.replace(`"${names.theirs}"`, `"limits.${names.ours}"`);
  }
  return error;
}
