import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NextFunction, type Request, type Response, Router } from 'express';
import { form, type UploadedFile } from 'pipebody';
import { report, reportProgress } from './progress';

// Files to disk, with their SHA-256, while they arrive. form() owns them until the handler runs: a client that goes away,
// a limit that is passed or a full disk leaves none behind.

const maxFileBytes = 1_073_741_824;
const maxKept = 50;

/** Where the files go: UPLOAD_DIR, or a folder that is gone with this process. */
const folder = process.env['UPLOAD_DIR'] ?? makeFolder();
const kept = new Map<string, Pick<UploadedFile, 'originalname' | 'size' | 'sha256'>>();

const upload = form({
  dest: folder,
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
    await rm(path, { force: true });
  }
}

function makeFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'pipebody-uploads-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit());
  return made;
}
