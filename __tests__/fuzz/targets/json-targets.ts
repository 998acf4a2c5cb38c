import { readBytes, readJson, readJsonArray, readJsonLines } from 'pipebody';
import { parseJson } from '../../../src/formats/parse-json';
import { choose, collect, type FuzzTarget, outcomeOf } from './fuzz-target';

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

export const jsonTargets: Readonly<Record<string, FuzzTarget>> = {
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
};
