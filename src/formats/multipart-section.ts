import type { Readable } from 'node:stream';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { ContentDisposition } from './content-disposition';
import { type SectionHeaders, usualHeaders } from './section-headers';

/** One part of a multipart body, read while it arrives. As MultipartSection in ASP.NET. */
export class MultipartSection {
  /** Whether the section is part of a form. */
  readonly isFormData: boolean;
  /** The name of the field of a form; undefined for a section that is none. */
  readonly name: string | undefined;
  /** The client's name of a file, not to be trusted and never to be used as a path. '' where no file was chosen. */
  readonly filename: string | undefined;
  /** The content. Read it before the next section is asked for; what is left then is thrown away. */
  readonly bodyReader: PipeReader;
  #headers: SectionHeaders | undefined;
  #body: Readable | undefined;

  /** @internal Without `headers` it has those of a field that has nothing but a name. */
  constructor(
    headers: SectionHeaders | undefined,
    disposition: ContentDisposition | undefined,
    bodyReader: PipeReader,
  ) {
    this.#headers = headers;
    this.isFormData = disposition?.type === 'form-data';
    this.name = this.isFormData ? disposition?.name : undefined;
    this.filename = disposition?.filename;
    this.bodyReader = bodyReader;
  }

  /** By their names in lower case; without a prototype, because the client chose the names. */
  get headers(): SectionHeaders {
    this.#headers ??= usualHeaders(this.name as string);
    return this.#headers;
  }

  /** The content as a stream, over {@link MultipartSection.bodyReader}: its end and its destruction complete the reader. */
  get body(): Readable {
    this.#body ??= this.bodyReader.asStream();
    return this.#body;
  }
}
