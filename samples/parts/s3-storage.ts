import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { StorageEngine } from 'pipebody';

// An S3-compatible store as a storage engine for form(), or for multer. The SDK reads where it is from the environment:
// AWS_ENDPOINT_URL_S3, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.

const partBytes = 5_242_880;
/** With the size of a part: what an upload holds in memory. */
const partsAtOnce = 2;

export class S3Storage implements StorageEngine {
  readonly #bucket: string;
  // The names of buckets in front of an address are Amazon's own.
  readonly #client = new S3Client({ forcePathStyle: process.env['AWS_ENDPOINT_URL_S3'] !== undefined });

  constructor(bucket: string) {
    this.#bucket = bucket;
  }

  /** Neither the client's name nor its media type: who opens the object gets bytes, and no page. */
  _handleFile: StorageEngine['_handleFile'] = (_request, { stream }, callback) => {
    const path = randomUUID();
    const upload = new Upload({
      client: this.#client,
      params: { Bucket: this.#bucket, Key: path, Body: stream },
      partSize: partBytes,
      queueSize: partsAtOnce,
    });
    // A stream that fails, as where the client goes, rejects it, and the parts that were sent are removed.
    upload.done().then(() => callback(null, { path }), callback);
  };

  _removeFile: StorageEngine['_removeFile'] = (_request, { path }, callback) => {
    this.remove(path).then(() => callback(null), callback);
  };

  async remove(path: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: path }));
  }
}
