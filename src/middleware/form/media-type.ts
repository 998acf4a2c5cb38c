import { parse } from 'content-type';
import { invalidBoundary, malformedSection } from '../../formats/multipart-errors';

/** The media type alone, in lower case. */
export function mediaTypeOf(contentType: string): string {
  return (contentType.split(';', 1)[0] as string).trim().toLowerCase();
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
