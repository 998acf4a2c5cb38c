import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { type PipeReader, readLineBatches } from 'pipebody';

// A body as lines: in the three ways of the ASP.NET documentation, of which each mends the one before it, and ready-made.

const lineFeed = 0x0a;

/** Two texts as large as the body, and a character that lies in two chunks is lost. */
export async function splitNaively(body: Readable): Promise<string[]> {
  let text = '';
  for await (const chunk of body) text += chunk.toString();
  const found = text.split('\n').map(withoutCarriageReturn);
  if (found.at(-1) === '') found.pop();
  return found;
}

/** Keeps no more than a line, for the price of a decoder and a rest that have to be carried along. */
export async function splitBetter(body: Readable): Promise<string[]> {
  const found: string[] = [];
  const decoder = new StringDecoder();
  let rest = '';
  for await (const chunk of body as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      found.push(withoutCarriageReturn(rest + decoder.write(chunk.subarray(start, end))));
      rest = '';
      start = end + 1;
    }
    rest += decoder.write(chunk.subarray(start));
  }
  rest += decoder.end();
  if (rest !== '') found.push(rest);
  return found;
}

/** The loop of every pipe reader: look for a line end, take the line, say what was consumed and what was looked at. */
export async function splitFromPipe(reader: PipeReader): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const result = await reader.read();
    let { buffer } = result;
    for (let position = buffer.positionOf('\n'); position !== null; position = buffer.positionOf('\n')) {
      found.push(withoutCarriageReturn(buffer.slice(0, position).toString()));
      buffer = buffer.slice(buffer.getPosition(1, position));
    }
    if (result.isCompleted && !buffer.isEmpty) found.push(buffer.toString());
    reader.advanceTo(result.isCompleted ? buffer.end : buffer.start, buffer.end);
    if (result.isCompleted) return found;
  }
}

/** As `lines()` does it: with a bound to the length of a line, and several lines decoded at once. */
export async function splitByBatches(reader: PipeReader): Promise<string[]> {
  const found: string[] = [];
  for await (const batch of readLineBatches(reader)) found.push(...batch);
  return found;
}

function withoutCarriageReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
