import './express-types';

export type { ReadLinesOptions } from './formats/line-settings';
export { readJson } from './formats/read-json';
export { type ReadJsonArrayOptions, readJsonArray } from './formats/read-json-array';
export { type ReadJsonLinesOptions, readJsonLines } from './formats/read-json-lines';
export { readLineBatches, readLines } from './formats/read-lines';
export { type ReadToEndOptions, TextReader, type TextReaderOptions } from './formats/text-reader';
export { TextWriter, type TextWriterOptions } from './formats/text-writer';
export { writeJson, writeJsonArray, writeJsonLines } from './formats/write-json';
export type { WriteValuesOptions } from './formats/write-values';
export { createServer } from './http/create-server';
export { messageClasses } from './http/message-classes';
export type { PipeRequest } from './http/request-members';
export type { PipeResponse } from './http/response-members';
export { type JsonOptions, json } from './middleware/json';
export { type LinesOptions, lines } from './middleware/lines';
export { pipeBody } from './middleware/pipe-body';
export * from './pipelines';
