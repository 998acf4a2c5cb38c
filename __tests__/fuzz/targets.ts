import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import {
  FormReader,
  MultipartReader,
  type PipeReader,
  readBytes,
  readJson,
  readJsonArray,
  readJsonLines,
  readLines,
  readText,
} from 'pipebody';
import { parseContentDisposition } from '../../src/formats/content-disposition';
import { parseContentCodings } from '../../src/formats/decoding/content-codings';
import { decodeBody } from '../../src/formats/decoding/decode-body';
import { appendField, type FormFields } from '../../src/formats/nested-fields';
import { parseJson } from '../../src/formats/parse-json';
import { parseUrlencoded } from '../../src/formats/parse-urlencoded';
import { boundaryOf, mediaTypeOf, parameterOf } from '../../src/middleware/form/media-type';

/** A parser that is fed with mutated bytes. */
export interface FuzzTarget {
  readonly seeds: readonly Buffer[];
  /** Words that mean something to it. */
  readonly words: readonly string[];
  /** Gives what was read before a failure to `found`. Everything else that it does must not depend on the cuts. */
  parse(reader: PipeReader, found: unknown[]): Promise<void>;
}

/** Where a setting is chosen by the first byte of the input, so that the fuzzer finds all of them. */
async function choose<Choice>(reader: PipeReader, choices: readonly Choice[]): Promise<Choice> {
  const { buffer } = await reader.readAtLeast(1);
  const choice = choices[(buffer.at(0) ?? 0) % choices.length] as Choice;
  reader.advanceTo(buffer.getPosition(Math.min(1, buffer.length)));
  return choice;
}

async function collect(items: AsyncIterable<unknown>, found: unknown[]): Promise<void> {
  for await (const item of items) found.push(item);
}

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

const lineOptions = [
  { eol: 'lf' },
  { eol: 'any' },
  { eol: 'lf', charset: 'utf-16le' },
  { eol: 'any', charset: 'utf-16be' },
  { eol: 'lf', charset: 'shift_jis' },
  { eol: 'lf', maxLineLength: 8 },
  { eol: 'any', charset: 'utf-16le', maxLineLength: 8 },
] as const;

const multipartOptions = [
  {},
  { headersCountLimit: 2, headersLengthLimit: 80 },
  { bodyLengthLimit: 4, sectionCountLimit: 2 },
];
const codings = [['gzip'], ['deflate'], ['gzip', 'deflate'], ['x-gzip', 'gzip']];
const disposition = 'Content-Disposition: form-data; name="a"';
const body = `--b\r\n${disposition}\r\n\r\n1\r\n--b\r\n${disposition}; filename="é.txt"\r\nContent-Type: text/plain\r\n\r\n\r\n-\r\n--b--\r\n`;
const jsonWords = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  '\\u',
  '\\ud83d',
  ':',
  ',',
  'true',
  'null',
  '-',
  '1e9',
  '.',
  '\ufeff',
  '"__proto__":',
];
const lengthOfTarget = 4_096;

export const targets: Readonly<Record<string, FuzzTarget>> = {
  json: {
    seeds: ['{"a":[1,-2.5e3,"\\u00e9\\ud83d\\ude00"],"b":null}', ' [true,false]\n', '"é😀"'].map((text) =>
      Buffer.from(text),
    ),
    words: jsonWords,
    async parse(reader, found) {
      const bytes = Buffer.from(await readBytes(reader));
      for (const charset of ['utf-8', 'utf-16le']) {
        try {
          found.push(parseJson(bytes, {}, charset));
        } catch (error) {
          found.push(outcomeOf(error));
        }
      }
    },
  },
  'read-json': {
    seeds: ['{"a":[1,"é"]}', '[]'].map((text) => Buffer.from(text)),
    words: jsonWords,
    async parse(reader, found) {
      found.push(await readJson(reader, { limit: 512 }));
    },
  },
  text: {
    seeds: ['0é😀', '1é\r\n', '2\ufeffa'].map((text) => Buffer.from(text)),
    words: ['\xef\xbb\xbf', '\xff\xfe', '\xfe\xff', '\xf0\x9f', '\xed\xa0'],
    async parse(reader, found) {
      const charset = await choose(reader, ['utf-8', 'utf-16le', 'utf-16be', 'shift_jis', 'gb18030', 'utf-32']);
      found.push(await readText(reader, { charset, limit: 256 }));
    },
  },
  lines: {
    seeds: ['0one\ntwo\r\nthree', '1one\rtwo\r\n', '\x02a\0\n\0b\0', '5twelve\nand more'].map((text) =>
      Buffer.from(text, 'latin1'),
    ),
    words: ['\n', '\r', '\r\n', '\n\0', '\0\n', '\r\0\n\0', '\xef\xbb\xbf', '\xff\xfe', '\xf0\x9f\x98\x80'],
    async parse(reader, found) {
      await collect(readLines(reader, await choose(reader, lineOptions)), found);
    },
  },
  ndjson: {
    seeds: ['0{"a":1}\n[2]\r\n\n"é"', '1\ufeff1\n2\n'].map((text) => Buffer.from(text)),
    words: [...jsonWords, '\n', '\r\n', '\n\n'],
    async parse(reader, found) {
      await collect(
        readJsonLines(reader, await choose(reader, [{}, { skipEmptyLines: true }, { maxLineLength: 8 }])),
        found,
      );
    },
  },
  'json-array': {
    seeds: ['0[1,{"a":["]"]},"\\"",null]', '1[[1],[2]]', '2[ ]', '0[1e5 ,true]'].map((text) => Buffer.from(text)),
    words: jsonWords,
    async parse(reader, found) {
      await collect(readJsonArray(reader, await choose(reader, [{}, { maxDepth: 2 }, { maxElementLength: 8 }])), found);
    },
  },
  urlencoded: {
    seeds: ['a=1&b=%C3%A9+2&a=3', 'a[b][]=1&a[b][]=2&c', '=&&=1&%=%zz'].map((text) => Buffer.from(text)),
    words: [
      '&',
      '=',
      '%',
      '+',
      '%26',
      '%5B',
      '[',
      ']',
      '[]',
      '[0]',
      '[99]',
      '__proto__',
      'constructor',
      'utf8=%E2%9C%93',
    ],
    async parse(reader, found) {
      // Pairs of one read come together: how many come before a failure depends on the cuts, and only that does.
      const limits = { valueCountLimit: 20, keyLengthLimit: 64, valueLengthLimit: 256, bufferBodyLengthLimit: 600 };
      found.push(await new FormReader(reader, limits).readForm());
    },
  },
  'nested-urlencoded': {
    seeds: ['a[b][]=1&a[b][]=2&c', 'a[0]=1&a[2]=3&a[b]=4', 'a=1&a=2&b'].map((text) => Buffer.from(text)),
    words: ['&', '=', '%5B', '[', ']', '[]', '[0]', '[99]', '__proto__', '[constructor]', '[prototype]', '&#9786;'],
    async parse(reader, found) {
      const settings = { parameterLimit: 50, depth: 8, charsetSentinel: true, interpretNumericEntities: true };
      const bytes = Buffer.from(await readBytes(reader));
      for (const charset of ['utf-8', 'iso-8859-1']) {
        try {
          found.push(parseUrlencoded(bytes, { ...settings, extended: true }, charset));
        } catch (error) {
          found.push(outcomeOf(error));
        }
      }
    },
  },
  'field-names': {
    seeds: ['a[b][c]\na[b][d]\na', 'a[]\na[]\na[0]\na[b]'].map((text) => Buffer.from(text)),
    words: [
      '\n',
      '[',
      ']',
      '[]',
      '[0]',
      '[1]',
      '[99]',
      '__proto__',
      '[constructor]',
      '[prototype]',
      '[length]',
      '[push]',
    ],
    async parse(reader, found) {
      const fields: FormFields = Object.create(null);
      found.push(fields);
      for (const name of (await readBytes(reader)).toString().split('\n')) {
        appendField(fields, name, 'x', { depth: 8, index: 100 });
      }
    },
  },
  multipart: {
    seeds: [
      `0${body}`,
      `1${body}`,
      `2${body}`,
      '0--b\r\n\r\n\r\n--b--',
      '0preamble\r\n--b \r\n\r\nx\r\n--b--\r\nepilogue',
    ].map((text) => Buffer.from(text)),
    words: [
      '\r\n',
      '--b',
      '\r\n--b',
      '\r\n--b--',
      '\r\n\r\n',
      ': ',
      '; ',
      '=',
      '"',
      `${disposition}\r\n`,
      'filename*=',
      "UTF-8''%41",
      '\r\n ',
    ],
    async parse(reader, found) {
      const sections = new MultipartReader(reader, 'b', await choose(reader, multipartOptions));
      for await (const { headers, name, filename, bodyReader } of sections) {
        found.push({ headers, name, filename });
        found.push((await readBytes(bodyReader, { limit: lengthOfTarget })).toString('latin1'));
      }
    },
  },
  decompress: {
    seeds: [
      Buffer.concat([Buffer.of(0), gzipSync('hello hello hello')]),
      Buffer.concat([Buffer.of(0), gzipSync('one'), gzipSync('two')]),
      Buffer.concat([Buffer.of(1), deflateSync('hello hello hello')]),
      Buffer.concat([Buffer.of(1), deflateRawSync('hello hello hello')]),
      Buffer.concat([Buffer.of(2), deflateSync(gzipSync('hello'))]),
      Buffer.concat([Buffer.of(3), gzipSync(gzipSync('hello'))]),
    ],
    words: ['\x1f\x8b\x08', '\x78\x9c', '\x03\0', '\0\0\0\0', '\xff\xff'],
    async parse(reader, found) {
      const settings = { limit: 65_536, maxRatio: 200, allowUnsafeBrotli: false };
      const decoded = decodeBody(reader, await choose(reader, codings), settings);
      try {
        found.push((await readBytes(decoded, { limit: 65_536 })).toString('latin1'));
      } finally {
        await decoded.complete();
      }
    },
  },
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
};

/** What a failure says to a client. */
export function outcomeOf(error: unknown): string {
  const { status, type, code, message, name } = error as Record<string, unknown>;
  // A failure without a status is a 500: nothing that a client sends may be one.
  if (typeof status !== 'number') throw new Error(`A ${name} without a status: ${message}`, { cause: error });
  // Where two codings or members are wrong, it depends on the cuts which one fails first, and so zlib's code.
  return [status, type, type === 'entity.decode.failed' ? '' : code].join(' ');
}
