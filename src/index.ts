import './express-types';

export type { DecodingOptions } from './formats/decoding/decoding-options';
export { type Form, FormReader, type FormReaderOptions } from './formats/form-reader';
export type { JsonLineOptions } from './formats/json-line-source';
export type { LineEnd } from './formats/line-ends';
export type { ReadLinesOptions } from './formats/line-settings';
export type { MultipartOptions } from './formats/multipart-options';
export { MultipartReader } from './formats/multipart-reader';
export type { MultipartSection } from './formats/multipart-section';
export type { ParseJsonOptions } from './formats/parse-json';
export type { ProtoPoisoning, Reviver } from './formats/proto-poisoning';
export type { CollectLinesOptions } from './formats/read-all-lines';
export { type ReadBytesOptions, readBytes } from './formats/read-bytes';
export { type ReadJsonOptions, readJson } from './formats/read-json';
export { type ReadJsonArrayOptions, readJsonArray } from './formats/read-json-array';
export { type ReadJsonLinesOptions, readJsonLines } from './formats/read-json-lines';
export { readLineBatches, readLines } from './formats/read-lines';
export { type ReadTextOptions, readText } from './formats/read-text';
export type { SectionHeaders } from './formats/section-headers';
export type { SchemaIssue, SchemaResult, StandardSchema } from './formats/standard-schema';
export { type ReadToEndOptions, TextReader, type TextReaderOptions } from './formats/text-reader';
export { TextWriter, type TextWriterOptions } from './formats/text-writer';
export type { PairLimits } from './formats/unescape-pairs';
export { writeJson, writeJsonArray, writeJsonLines } from './formats/write-json';
export type { WriteValuesOptions } from './formats/write-values';
export type { BodyMessage, DecodeMessage, ErrorFacts, ReadMessage, WriteMessage } from './http/body-channels';
export type { BufferingOptions } from './http/body-recording';
export type { BodyTransform } from './http/body-transform';
export { createServer } from './http/create-server';
export { type Application, type MessageClasses, messageClasses } from './http/message-classes';
export type { MinDataRate, RequestLimits } from './http/request-limits';
export type { PipeRequest, RequestMembers } from './http/request-members';
export type { CompletedCallback, Disposable } from './http/response-completion';
export type { PipeResponse, ResponseMembers } from './http/response-members';
export type { StartingCallback } from './http/response-start';
export type { BodyOptions } from './middleware/body-options';
export { bodyParser as default } from './middleware/body-parser';
export { compress } from './middleware/compress/compress';
export type { CompressChoice, CompressOptions } from './middleware/compress/compress-options';
export type { CodingName, ZstdOptions } from './middleware/compress/content-codings';
export { type DecompressOptions, decompress } from './middleware/decompress';
export { type FormHandler, form } from './middleware/form';
export {
  type DiskStorage,
  type DiskStorageOptions,
  diskStorage,
  type PathChoice,
} from './middleware/form/disk-storage';
export type { FileField } from './middleware/form/file-policy';
export type { FileFilter, FormLimits, FormOptions, LimitsChoice } from './middleware/form/form-options';
export { type MemoryStorage, memoryStorage } from './middleware/form/memory-storage';
export type { FileStorage, IncomingFile, Keeping, StorageEngine } from './middleware/form/storage';
export type { UploadedFile } from './middleware/form/uploaded-file';
export type { Handler, NextFunction } from './middleware/handler';
export { type BodyHandler, type JsonOptions, json } from './middleware/json';
export { type LinesOptions, lines } from './middleware/lines';
export { type NdjsonOptions, ndjson } from './middleware/ndjson';
export type { Verify, WholeBodyOptions } from './middleware/parse-whole-body';
export { type PipeBodyOptions, pipeBody } from './middleware/pipe-body';
export { type RawOptions, raw } from './middleware/raw';
export { type TextOptions, text } from './middleware/text';
export { type UrlencodedOptions, urlencoded } from './middleware/urlencoded';
export * from './pipelines';
