import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import type { FormFields } from '../formats/nested-fields';
import { afterListeners } from '../http/after-listeners';
import { announcedLength, announcesBody } from '../http/announced-body';
import { readChannel } from '../http/body-channels';
import { abandonBody, bodyReaderOf } from '../http/body-reader';
import { isExplained } from '../http/debug-log';
import type { PipeReader } from '../pipelines/pipe-reader';
import { decodeRequest } from './decode-request';
import { knownCharset } from './form/field-charset';
import { checkFields, FileCollection, type FileField, type FilePolicy } from './form/file-policy';
import { type FormOptions, type FormSettings, resolveFormOptions } from './form/form-options';
import { inTermsOfForm } from './form/in-terms-of-form';
import { boundaryOf, mediaTypeOf, parameterOf } from './form/media-type';
import { MultipartForm } from './form/multipart-form';
import { ObservedReader } from './form/observed-reader';
import { Upload } from './form/upload';
import { readUrlencodedForm } from './form/urlencoded-form';
import type { Exchange, Handler } from './handler';
import { hasType } from './has-type';
import { offerCodings } from './offer-codings';
import { checkAnnounced, codingsOf } from './open-body';
import { explainUnparsed, wasRead } from './parse-body';
import { traceRead } from './trace-read';

const multipart = 'multipart/form-data';
const formTypes = [multipart, 'application/x-www-form-urlencoded'];

/** A middleware that takes any file, and those that take certain ones: as multer's. */
export interface FormHandler extends Handler {
  /** One file, in `req.file`. */
  single(name: string): Handler;
  /** Files of one field, in `req.files`. */
  array(name: string, maxCount?: number): Handler;
  /** Files of some fields, in `req.files` by the field. */
  fields(fields: readonly FileField[]): Handler;
  /** No file. */
  none(): Handler;
  /** Any file, in `req.files`. */
  any(): Handler;
}

/**
 * Reads a form, urlencoded or multipart: its fields into `req.body`, its files into `req.files`, as multer does.
 *
 * Files are owned by the middleware: those of a request that fails are removed, and those in temporary files when the
 * response is done, unless `file.moveTo()` moved them away. Options are checked at once; `TypeError`, `RangeError`.
 */
export function form(options: FormOptions = {}): FormHandler {
  const settings = resolveFormOptions(options);
  const parserOf = (policy: FilePolicy): Handler =>
    function formParser(request, response, next) {
      const exchange = { request, response, next };
      const rules = { settings, policy };
      if (!isForm(request)) {
        if (isExplained) explainUnparsed(request, 'form');
        next();
      } else if (!readChannel.hasSubscribers) parseForm(exchange, rules);
      else traceRead(exchange, 'form', (traced) => parseForm(traced, rules));
    };
  return Object.assign(parserOf({ fields: undefined, shape: 'array' }), {
    single: (name: string) => parserOf({ fields: checkFields([{ name, maxCount: 1 }]), shape: 'one' }),
    array: (name: string, maxCount = Number.POSITIVE_INFINITY) =>
      parserOf({ fields: checkFields([{ name, maxCount }]), shape: 'array' }),
    fields: (fields: readonly FileField[]) => parserOf({ fields: checkFields(fields), shape: 'by field' }),
    none: () => parserOf({ fields: [], shape: 'none' }),
    any: () => parserOf({ fields: undefined, shape: 'array' }),
  });
}

function isForm(request: IncomingMessage): boolean {
  return announcesBody(request) && !wasRead(request) && hasType(request, formTypes);
}

/** What a form is read by. */
interface FormRules {
  readonly settings: FormSettings;
  readonly policy: FilePolicy;
}

function parseForm({ request, response, next }: Exchange, rules: FormRules): void {
  const reader = bodyReaderOf(request);
  readForm(request, response, reader, rules).then(
    () => afterListeners(request, next),
    (error) => {
      abandonBody(request, reader);
      offerCodings(response, error, { inflate: true, decoding: rules.settings.decoding });
      next(error);
    },
  );
}

async function readForm(
  request: IncomingMessage,
  response: ServerResponse,
  reader: PipeReader,
  { settings, policy }: FormRules,
): Promise<void> {
  const { 'content-type': type = '' } = request.headers;
  const limits = settings.limitsOf(request);
  const decoding = { ...settings.decoding, limit: limits.totalSize };
  const watched = watch(reader, request, settings);
  const decoded = decodeRequest(request, watched, decoding);
  const fields: FormFields = Object.create(null);
  const files = new FileCollection(policy);
  // Filters and storage engines look at the fields that came before their file.
  (request as { body?: unknown }).body = fields;
  Upload.begin(request, response, reader);
  try {
    checkAnnounced(request, codingsOf(request), limits.totalSize);
    if (mediaTypeOf(type) === multipart) {
      await new MultipartForm(request, settings, limits, fields, files).read(decoded, boundaryOf(type));
    } else await readUrlencodedForm(decoded, knownCharset(parameterOf(type, 'charset')), limits, fields);
  } catch (error) {
    await removeFiles(request, settings, files);
    throw inTermsOfForm(error, limits);
  } finally {
    Upload.of(request).end();
    // The decoders are ours, the body is not.
    if (decoded !== watched) void decoded.complete();
  }
  files.giveTo(request);
  removeWhenDone(request, response, settings, files);
}

function watch(reader: PipeReader, request: IncomingMessage, { onProgress }: FormSettings): PipeReader {
  if (onProgress === undefined) return reader;
  const expected = announcedLength(request);
  let received = 0;
  return new ObservedReader(reader, (bytes) => {
    received += bytes.length;
    if (!bytes.isEmpty) onProgress(received, expected, request);
  });
}

/** One after the other: there may be very many. */
async function removeFiles(
  request: IncomingMessage,
  { storage }: FormSettings,
  { files }: FileCollection,
): Promise<void> {
  for (const file of files) if (!file.isMoved) await storage.remove(request, file).catch(() => {});
}

/** Ends the files' lives with the response, or, where they are kept, with its failure. */
function removeWhenDone(
  request: IncomingMessage,
  response: ServerResponse,
  settings: FormSettings,
  files: FileCollection,
): void {
  const { keeping } = settings.storage;
  if (files.files.length === 0 || keeping === 'by the engine') return;
  finished(response, () => {
    const hasSucceeded = response.writableFinished && response.statusCode < 400;
    if (keeping === 'until the response' || !hasSucceeded) void removeFiles(request, settings, files);
  });
}
