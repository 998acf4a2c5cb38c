import { FormReader, MultipartReader, readBytes } from 'pipebody';
import { appendField, type FormFields } from '../../../src/formats/nested-fields';
import { parseUrlencoded } from '../../../src/formats/parse-urlencoded';
import { choose, type FuzzTarget, outcomeOf } from './fuzz-target';

const multipartOptions = [
  {},
  { headersCountLimit: 2, headersLengthLimit: 80 },
  { bodyLengthLimit: 4, sectionCountLimit: 2 },
];
const disposition = 'Content-Disposition: form-data; name="a"';
const body = `--b\r\n${disposition}\r\n\r\n1\r\n--b\r\n${disposition}; filename="é.txt"\r\nContent-Type: text/plain\r\n\r\n\r\n-\r\n--b--\r\n`;
const lengthOfTarget = 4_096;

export const formTargets: Readonly<Record<string, FuzzTarget>> = {
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
};
