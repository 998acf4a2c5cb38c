import type { IncomingMessage } from 'node:http';
import { readBytes } from 'pipebody';
import { parseContentDisposition } from '../../../src/formats/content-disposition';
import { parseContentCodings } from '../../../src/formats/decoding/content-codings';
import { chooseCoding } from '../../../src/middleware/compress/choose-coding';
import { resolveCompressOptions } from '../../../src/middleware/compress/compress-options';
import { boundaryOf, mediaTypeOf, parameterOf } from '../../../src/middleware/form/media-type';
import type { FuzzTarget } from './fuzz-target';

const compression = resolveCompressOptions({});

/** A parser of a header, which comes as a text. */
function ofHeader(seeds: readonly string[], words: readonly string[], parse: (header: string) => unknown): FuzzTarget {
  return {
    seeds: seeds.map((seed) => Buffer.from(seed, 'latin1')),
    words,
    async parse(reader, found) {
      found.push(parse((await readBytes(reader)).toString('latin1')));
    },
  };
}

/** The coding of an answer; one that the client did not name would be unreadable to it. */
function codingFor(header: string): string | undefined {
  const name = chooseCoding({ headers: { 'accept-encoding': header } } as IncomingMessage, compression)?.name;
  if (name !== undefined && !header.includes('*') && !header.toLowerCase().includes(name)) {
    throw new Error(`${name} was chosen for "${header}".`);
  }
  return name;
}

export const headerTargets: Readonly<Record<string, FuzzTarget>> = {
  'content-type': ofHeader(
    ['multipart/form-data; boundary=b', 'text/plain; charset="utf-8"', 'multipart/form-data; boundary="a\\"b"; x=y'],
    [';', '=', '"', '\\', ' ', '\t', 'boundary', 'charset', ',', '/'],
    (header) => [mediaTypeOf(header), parameterOf(header, 'charset'), boundaryOf(header)],
  ),
  'content-disposition': ofHeader(
    [
      'form-data; name="a"; filename="b.txt"',
      "form-data; name=a; filename*=UTF-8''%C3%A9",
      'form-data; name="%22%0D%0A\\""',
    ],
    [
      ';',
      '=',
      '"',
      '\\',
      '%22',
      '%0D',
      '%',
      ' ',
      '\t',
      'name',
      'filename',
      'filename*',
      "UTF-8''",
      "iso-8859-1'en'",
      '*',
    ],
    parseContentDisposition,
  ),
  'content-encoding': ofHeader(
    ['gzip, br', 'x-gzip', 'identity,deflate'],
    [',', ' ', '\t', 'gzip', 'identity', '__proto__'],
    parseContentCodings,
  ),
  'accept-encoding': ofHeader(
    ['gzip, deflate, br', 'br;q=1.0, gzip;q=0.8, *;q=0.1', 'identity;q=0, x-gzip', 'GZIP ; q=0.5 ,zstd', ''],
    [',', ';', 'q=', '=', '0.', '1', '-1', 'e9', ' ', '\t', '*', '"', 'gzip', 'br', 'zstd', 'identity', '__proto__'],
    codingFor,
  ),
};
