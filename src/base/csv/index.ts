/** The door of CSV: writing tables that a spreadsheet shows and does not run. */
export { csvCell, csvRow, type CsvValue } from './cell.ts';
export { download, type DownloadOptions } from './download.ts';
export { csvAnswer, type CsvAnswerOptions } from './answer.ts';
export { csvLines, type CsvColumn, type CsvOptions } from './lines.ts';
