export { type DiskFilesOptions, diskFiles } from './disk.ts';
