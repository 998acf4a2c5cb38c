import { readLines, readText } from 'pipebody';
import { choose, collect, type FuzzTarget } from './fuzz-target';

const lineOptions = [
  { eol: 'lf' },
  { eol: 'any' },
  { eol: 'lf', charset: 'utf-16le' },
  { eol: 'any', charset: 'utf-16be' },
  { eol: 'lf', charset: 'shift_jis' },
  { eol: 'lf', maxLineLength: 8 },
  { eol: 'any', charset: 'utf-16le', maxLineLength: 8 },
] as const;

export const textTargets: Readonly<Record<string, FuzzTarget>> = {
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
};
