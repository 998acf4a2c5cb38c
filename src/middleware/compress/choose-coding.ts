import type { IncomingMessage } from 'node:http';
import Negotiator from 'negotiator';
import type { CompressSettings } from './compress-options';
import type { ContentCoding } from './content-codings';

/** negotiator 1 takes the server's order, which its types do not know yet. */
type EncodingOf = (available: readonly string[], options: { preferred: readonly string[] }) => string | undefined;

/** The coding that the client likes best, the server's first among equals; undefined for none (RFC 9110 §12.5.3). */
export function chooseCoding(request: IncomingMessage, settings: CompressSettings): ContentCoding | undefined {
  if (!request.headers['accept-encoding']) return settings.enforced;
  const names = [...settings.codings.keys(), 'identity'];
  const negotiator = new Negotiator(request);
  const chosen = (negotiator.encoding as EncodingOf).call(negotiator, names, { preferred: names });
  return settings.codings.get(chosen as string);
}
