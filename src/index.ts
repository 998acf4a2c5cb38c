import './express-types';

export { readJson } from './formats/read-json';
export { readLineBatches } from './formats/read-lines';
export { createServer } from './http/create-server';
export { messageClasses } from './http/message-classes';
export type { PipeRequest } from './http/request-members';
export type { PipeResponse } from './http/response-members';
export { compress } from './middleware/compress/compress';
export type { CompressOptions } from './middleware/compress/compress-options';
export { type JsonOptions, json } from './middleware/json';
export { type LinesOptions, lines } from './middleware/lines';
export { pipeBody } from './middleware/pipe-body';
export * from './pipelines';
