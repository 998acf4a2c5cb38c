import * as compressBench from './compress/answers';
import * as eventStream from './compress/event-stream';
import * as slowClients from './compress/slow-clients';
import * as smallJson from './http/small-json';
import * as unreadBody from './http/unread-body';
import * as upload from './http/upload';
import * as memory from './pipelines/memory';
import * as pipeChunks from './pipelines/pipe-chunks';
import * as readerFrom from './pipelines/reader-from';
import * as sequenceReader from './pipelines/sequence-reader';
import * as writerFrom from './pipelines/writer-from';
import type { Scenario } from './runner/scenario';

/** Everything that can be measured, in the order in which it is. A new scenario is a file and a line here. */
export const scenarios: readonly Scenario[] = [
  smallJson.smallJson,
  unreadBody.unreadPost,
  unreadBody.get,
  upload.upload,
  pipeChunks.smallChunks,
  pipeChunks.largeChunks,
  readerFrom.readerFrom,
  writerFrom.writerFrom,
  sequenceReader.sequenceReader,
  memory.memory,
  compressBench.smallAnswer,
  compressBench.manyWrites,
  eventStream.eventStream,
  slowClients.slowClients,
];
