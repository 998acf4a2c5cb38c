import * as compressBench from './compress/answers';
import * as eventStream from './compress/event-stream';
import * as slowClients from './compress/slow-clients';
import * as jsonArray from './formats/json-array';
import * as jsonLines from './formats/json-lines';
import * as lines from './formats/lines';
import * as longLine from './formats/long-line';
import * as formatsMemory from './formats/memory';
import * as textWriter from './formats/text-writer';
import * as multipart from './forms/multipart';
import * as formUploads from './forms/uploads';
import * as formPairs from './forms/urlencoded';
import * as coexistence from './http/coexistence';
import * as mixed from './http/mixed';
import * as slowUploads from './http/slow-uploads';
import * as smallJson from './http/small-json';
import * as smallWrites from './http/small-writes';
import * as unreadBody from './http/unread-body';
import * as upload from './http/upload';
import * as bodies from './parsers/bodies';
import * as bomb from './parsers/bomb';
import * as urlencoded from './parsers/urlencoded';
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
  coexistence.coexistence,
  coexistence.coexistenceInstalled,
  smallWrites.tinyWrites,
  smallWrites.blockWrites,
  slowUploads.slowUploads,
  mixed.mixed,
  pipeChunks.smallChunks,
  pipeChunks.largeChunks,
  readerFrom.readerFrom,
  writerFrom.writerFrom,
  sequenceReader.sequenceReader,
  memory.memory,
  ...bodies.scenarios,
  ...urlencoded.scenarios,
  bomb.bomb,
  ...Object.values(lines),
  longLine.longLine,
  ...Object.values(jsonLines),
  ...Object.values(jsonArray),
  textWriter.textWriter,
  ...Object.values(formatsMemory),
  ...multipart.scenarios,
  ...formPairs.scenarios,
  ...formUploads.scenarios,
  compressBench.smallAnswer,
  compressBench.manyWrites,
  eventStream.eventStream,
  slowClients.slowClients,
];
