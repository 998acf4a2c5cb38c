import type { ServerResponse } from 'node:http';
import { acceptedCodings } from '../formats/decoding/content-codings';
import type { DecodingSettings } from '../formats/decoding/decoding-options';

/** RFC 9110 §12.5.3: a 415 because of a content coding says in Accept-Encoding what would have been accepted. */
export function offerCodings(
  response: ServerResponse,
  error: unknown,
  { inflate, decoding }: { inflate: boolean; decoding: Pick<DecodingSettings, 'allowUnsafeBrotli'> },
): void {
  if ((error as { type?: string } | undefined)?.type !== 'encoding.unsupported' || response.headersSent) return;
  response.setHeader('Accept-Encoding', inflate ? acceptedCodings(decoding.allowUnsafeBrotli) : 'identity');
}
