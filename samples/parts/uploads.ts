import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NextFunction, type Request, type Response, Router } from 'express';
import { type FormOptions, form, type UploadedFile } from 'pipebody';
import { report, reportProgress } from './progress';

// Files to disk, or to the S3-compatible store that has the bucket S3_BUCKET, with their SHA-256, while they arrive. form()
// owns them until the handler runs: a client that goes away, a limit that is passed or a full disk leaves none behind.

const maxFileBytes = 1_073_741_824;
const maxKept = 50;

const bucket = process.env['S3_BUCKET'];
const store = bucket === undefined ? openFolder() : openBucket(bucket);
const kept = new Map<string, Pick<UploadedFile, 'originalname' | 'size' | 'sha256'>>();

const upload = form({
  ...store.options,
  sha256: true,
  limits: { fileSize: maxFileBytes, totalSize: maxFileBytes + 1_048_576, files: maxKept },
  // Counted before a content coding is taken off: what the browser counts, too.
  onProgress: (received, expected, request) => reportProgress(request, { received, expected }),
});

export const uploads = Router();

uploads.post('/uploads/:id', upload.array('file'), keepFiles, reportFailure);

uploads.get('/uploads', (_req, res) => {
  res.json([...kept.values()]);
});

uploads.delete('/uploads', async (_req, res) => {
  await forget([...kept.keys()]);
  res.sendStatus(204);
});

async function keepFiles(req: Request, res: Response): Promise<void> {
  const files = (req.files ?? []) as unknown as UploadedFile[];
  for (const { path, originalname, size, sha256 = '' } of files) {
    kept.set(path as string, { originalname, size, sha256 });
  }
  await forget([...kept.keys()].slice(0, -maxKept));
  res.json(files.map(({ originalname, size, sha256 }) => ({ originalname, size, sha256 })));
}

function reportFailure(error: { type?: string }, req: Request, _res: Response, next: NextFunction): void {
  report(req.params['id'], { failed: error.type ?? 'unknown' });
  next(error);
}

async function forget(paths: string[]): Promise<void> {
  for (const path of paths) {
    kept.delete(path);
    await store.remove(path);
  }
}

interface Store {
  readonly options: FormOptions;
  remove(path: string): Promise<void>;
}

/** UPLOAD_DIR, or a folder that is gone with this process. */
function openFolder(): Store {
  const dest = process.env['UPLOAD_DIR'] ?? makeFolder();
  return { options: { dest }, remove: (path) => rm(path, { force: true }) };
}

/** The SDK takes a while to load: only where it is needed. */
function openBucket(name: string): Store {
  const { S3Storage } = require('./s3-storage') as typeof import('./s3-storage');
  const storage = new S3Storage(name);
  return { options: { storage }, remove: (path) => storage.remove(path) };
}

function makeFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'pipebody-uploads-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit());
  return made;
}
