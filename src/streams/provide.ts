import { provideReaderAdapters } from '../pipelines/pipe-reader';
import { provideWriterAdapters } from '../pipelines/pipe-writer';
import { copyFrom, copyTo } from './copy';
import { readerFrom } from './reader-from';
import { ReaderStream } from './reader-stream';
import { readerAsWebStream, writerAsWebStream } from './web-streams';
import { writerFrom } from './writer-from';
import { WriterStream } from './writer-stream';

// Importing this file gives PipeReader and PipeWriter their members that touch streams (docs/decisions/003).

provideReaderAdapters({
  from: readerFrom,
  asStream: (reader, options) => new ReaderStream(reader, options?.leaveOpen ?? false),
  asWebStream: readerAsWebStream,
  copyTo,
});

provideWriterAdapters({
  from: writerFrom,
  asStream: (writer, options) => new WriterStream(writer, options?.leaveOpen ?? false),
  asWebStream: writerAsWebStream,
  copyFrom,
});
