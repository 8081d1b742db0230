/** The door of CSV: tables that a spreadsheet shows and does not run. */
export {
  csvAnswer,
  type CsvAnswerOptions,
  csvCell,
  type CsvColumn,
  csvLines,
  type CsvOptions,
  csvRow,
  type CsvValue,
} from '../base/csv/index.ts';
