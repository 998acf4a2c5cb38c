import { Transform } from 'node:stream';

/** A transform that replaces a text of ASCII in a body, wherever the body is cut. */
export function replacing(search: string, replacement: string): Transform {
  // One character a byte, so that bytes of any charset come through as they are.
  const inserted = Buffer.from(replacement).toString('latin1');
  let rest = '';
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      const pieces = (rest + chunk.toString('latin1')).split(search);
      const last = pieces.pop() as string;
      // What may be the start of another one.
      const kept = Math.max(0, last.length - search.length + 1);
      rest = last.slice(kept);
      const text = [...pieces, last.slice(0, kept)].join(inserted);
      callback(null, Buffer.from(text, 'latin1'));
    },
    flush(callback) {
      callback(null, Buffer.from(rest, 'latin1'));
    },
  });
}
