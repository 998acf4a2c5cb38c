import { type MultipartOptions, MultipartReader, PipeReader } from 'pipebody';
import { readAll } from './read-all';

/** A section as a test writes it. */
export interface PlainSection {
  readonly name: string;
  readonly filename?: string | undefined;
  readonly type?: string | undefined;
  readonly content: Buffer | string;
}

/** A body as browsers write it. */
export function multipartBody(boundary: string, sections: readonly PlainSection[]): Buffer {
  const pieces = sections.flatMap(({ name, filename, type, content }) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`,
    filename === undefined ? '' : `; filename="${filename}"`,
    type === undefined ? '' : `\r\nContent-Type: ${type}`,
    '\r\n\r\n',
    content,
    '\r\n',
  ]);
  return Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece as string)));
}

/** A reader that gives these chunks one after the other, or fails after them. */
export function readerOf(chunks: Iterable<Uint8Array>, failure?: Error): PipeReader {
  async function* give() {
    yield* chunks;
    if (failure) throw failure;
  }
  return PipeReader.from(give());
}

export interface ReadSection {
  readonly name: string | undefined;
  readonly filename: string | undefined;
  readonly headers: Record<string, string>;
  readonly content: string;
}

/** All sections, each with its content in latin1. */
export async function readSections(
  chunks: Iterable<Uint8Array>,
  boundary: string,
  options?: MultipartOptions,
): Promise<ReadSection[]> {
  const sections: ReadSection[] = [];
  for await (const section of new MultipartReader(readerOf(chunks), boundary, options)) {
    const { name, filename, headers } = section;
    const content = (await readAll(section.bodyReader)).toString('latin1');
    sections.push({ name, filename, headers: { ...headers }, content });
  }
  return sections;
}
