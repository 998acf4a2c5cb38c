import type { IncomingMessage } from 'node:http';
import type typeis from 'type-is';

/** Whether the body is of one of these media types, as type-is takes them. */
export function hasType(request: IncomingMessage, types: readonly string[]): boolean {
  const header = request.headers['content-type'];
  // As it mostly is, it needs no parsing. A short name such as `json` is no header.
  if (header?.includes('/') && types.includes(header)) return true;
  return Boolean(loadTypeIs()(request, types as string[]));
}

let loaded: typeof typeis | undefined;

/** Loaded when first needed: with its list of media types it takes 10 ms, a quarter of loading everything. */
function loadTypeIs(): typeof typeis {
  loaded ??= require('type-is') as typeof typeis;
  return loaded;
}
