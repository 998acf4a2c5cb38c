import { MultipartReader, Pipe, type PipeReader } from 'pipebody';
import { readerOf } from '../support/multipart-body';
import { describeFailingReader, describePipeReader, type ReaderFactory } from './pipe-reader-contract';

const head = '--b\r\nA: b\r\n\r\n';
const tail = '\r\n--b--\r\n';

const bodyReaderOf = async (inner: PipeReader) =>
  (await new MultipartReader(inner, 'b').readNextSection())?.bodyReader as PipeReader;

const toBuffers = (pieces: readonly string[]) => pieces.map((piece) => Buffer.from(piece));

const ofChunks: ReaderFactory = {
  name: 'a section of a multipart body in chunks',
  create: (chunks, failure) => bodyReaderOf(readerOf(toBuffers(failure ? [head] : [head, ...chunks, tail]), failure)),
};

const ofOneChunk: ReaderFactory = {
  name: 'a section of a multipart body in one chunk',
  create: (chunks) => bodyReaderOf(readerOf(toBuffers([[head, ...chunks, tail].join('')]))),
};

const fieldHead = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n';

const ofSmallField: ReaderFactory = {
  name: 'a small field of a form in one chunk',
  create: (chunks) => bodyReaderOf(readerOf(toBuffers([[fieldHead, ...chunks, tail].join('')]))),
};

const ofPipe: ReaderFactory = {
  name: 'a section of a multipart body in a Pipe',
  create: (chunks) => {
    const { reader, writer } = new Pipe();
    const write = async () => {
      for (const piece of [head, ...chunks, tail]) {
        await new Promise(setImmediate);
        await writer.write(piece);
      }
      await writer.complete();
    };
    void write();
    return bodyReaderOf(reader);
  },
};

for (const factory of [ofChunks, ofOneChunk, ofSmallField, ofPipe]) describePipeReader(factory);
describeFailingReader(ofChunks);
