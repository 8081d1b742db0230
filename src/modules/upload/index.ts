export { type RefusalName, REFUSALS, UploadRefused } from './errors.ts';
export { Infected } from './judge.ts';
export { memoryRecords } from './memory-records.ts';
export {
  type ArchiveOptions,
  type ImageOptions,
  type ReadScanOptions,
  type ReadUploadOptions,
  readUploadOptions,
  type ScanOptions,
  type UploadOptions,
} from './options.ts';
export {
  Turns,
  UPLOAD_STATES,
  type UploadChange,
  type UploadPorts,
  type UploadQuery,
  type UploadRecords,
  type UploadRow,
  type UploadState,
} from './ports.ts';
export { type IncomingBody } from './receive/receive.ts';
export { type Reencode, type Reencoded, sharpReencode } from './reencode.ts';
export { type Rescanned } from './rescan.ts';
export { type Sender } from './rows.ts';
export { clamd, type ClamdPorts } from './scan/clamd.ts';
export { type Scanner, type ScanVerdict } from './scan/scanner.ts';
export { type Opened, openUpload, serveHeaders } from './serve.ts';
export { type KnownType, TYPES, type TypeKind } from './types.ts';
export { upload, type Uploader } from './upload.ts';
