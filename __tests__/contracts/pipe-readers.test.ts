import { PassThrough, Readable } from 'node:stream';
import { Pipe, PipeReader, ReadOnlySequence } from 'pipebody';
import { describeFailingReader, describePipeReader, type ReaderFactory } from './pipe-reader-contract';

const toBuffers = (chunks: readonly string[]) => chunks.map((chunk) => Buffer.from(chunk));

/** Chunks one a tick, then the end or the failure. */
async function* produce(chunks: readonly string[], failure?: Error): AsyncGenerator<Buffer> {
  for (const chunk of toBuffers(chunks)) {
    await new Promise(setImmediate);
    yield chunk;
  }
  if (failure) throw failure;
}

const factories: ReaderFactory[] = [
  {
    name: 'a Pipe',
    create: (chunks, failure) => {
      const { reader, writer } = new Pipe();
      const write = async () => {
        for (const chunk of chunks) {
          await new Promise(setImmediate);
          await writer.write(chunk);
        }
        await writer.complete(failure);
      };
      // Without a chunk the end is there from the start.
      if (chunks.length === 0) void writer.complete(failure);
      else void write();
      return reader;
    },
  },
  {
    name: 'a Readable',
    create: (chunks, failure) => PipeReader.from(Readable.from(produce(chunks, failure), { objectMode: false })),
  },
  {
    name: 'a PassThrough',
    create: (chunks, failure) => {
      const stream = new PassThrough();
      if (failure) setImmediate(() => stream.destroy(failure));
      else for (const chunk of toBuffers(chunks)) stream.write(chunk);
      if (!failure) stream.end();
      return PipeReader.from(stream);
    },
  },
  {
    name: 'a web ReadableStream',
    create: (chunks, failure) => PipeReader.from(ReadableStream.from(produce(chunks, failure)) as never),
  },
  { name: 'an async iterable', create: (chunks, failure) => PipeReader.from(produce(chunks, failure)) },
  {
    name: 'a reader as a stream as a reader',
    create: (chunks, failure) => PipeReader.from(PipeReader.from(produce(chunks, failure)).asStream()),
  },
];

const ofBytes: ReaderFactory[] = [
  { name: 'bytes', create: (chunks) => PipeReader.from(Buffer.concat(toBuffers(chunks))) },
  { name: 'a sequence', create: (chunks) => PipeReader.from(ReadOnlySequence.from(...toBuffers(chunks))) },
];

for (const factory of [...factories, ...ofBytes]) describePipeReader(factory);
for (const factory of factories) describeFailingReader(factory);
