import { parse } from 'content-type';
import { invalidBoundary, malformedSection } from '../../formats/multipart-errors';

const mediaType = /^[!#$%&'*+\-.^_`|~0-9a-z]+\/[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** The media type of a part alone, in lower case: text/plain where none is named (RFC 7578 §4.4), or what is none. */
export function mediaTypeOf(contentType = ''): string {
  const type = (contentType.split(';', 1)[0] as string).trim().toLowerCase();
  return mediaType.test(type) ? type : 'text/plain';
}

/** A parameter of a media type; undefined when it is not there, or the media type cannot be read. */
export function parameterOf(contentType: string, name: string): string | undefined {
  try {
    return parse(contentType).parameters[name];
  } catch {
    return undefined;
  }
}

/** The boundary of a multipart body. None, or two of which one may be read here and one elsewhere, is a 400. */
export function boundaryOf(contentType: string): string {
  if ((contentType.match(/;[ \t]*boundary[ \t]*=/gi)?.length ?? 0) > 1) throw malformedSection('it has two boundaries');
  const boundary = parameterOf(contentType, 'boundary');
  if (boundary === undefined) throw invalidBoundary();
  return boundary;
}
