import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { readBytes } from 'pipebody';
import { decodeBody } from '../../../src/formats/decoding/decode-body';
import { choose, type FuzzTarget } from './fuzz-target';

const codings = [['gzip'], ['deflate'], ['gzip', 'deflate'], ['x-gzip', 'gzip']];

export const codingTargets: Readonly<Record<string, FuzzTarget>> = {
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
};
