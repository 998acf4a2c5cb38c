import './express-types';

export { type Form, FormReader, type FormReaderOptions } from './formats/form-reader';
export type { MultipartOptions } from './formats/multipart-options';
export { MultipartReader } from './formats/multipart-reader';
export type { MultipartSection } from './formats/multipart-section';
export { readJson } from './formats/read-json';
export { readLineBatches } from './formats/read-lines';
export { createServer } from './http/create-server';
export { messageClasses } from './http/message-classes';
export type { PipeRequest } from './http/request-members';
export type { PipeResponse } from './http/response-members';
export { type JsonOptions, json } from './middleware/json';
export { type LinesOptions, lines } from './middleware/lines';
export { pipeBody } from './middleware/pipe-body';
export * from './pipelines';
