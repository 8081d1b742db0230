export { email, type EmailOptions } from '../modules/validate/fields/email.ts';
export {
  field,
  type FieldAnswer,
  type FieldRefusal,
  type ReadyField,
} from '../modules/validate/fields/field.ts';
export { fileName } from '../modules/validate/fields/file-name.ts';
export {
  form,
  type FormCheck,
  type FormOf,
  items,
  maybe,
  type OptionalField,
} from '../modules/validate/fields/form.ts';
export { money, type Money, type MoneyOptions } from '../modules/validate/fields/money.ts';
export { type JudgePassword, password } from '../modules/validate/fields/password.ts';
export {
  cursor,
  type CursorPaging,
  cursorPaging,
  limit,
  type LimitOptions,
  type NumberPaging,
  numberPaging,
  pageNumber,
} from '../modules/validate/fields/paging.ts';
export { personName, type PersonNameOptions } from '../modules/validate/fields/person-name.ts';
export { phone, type PhoneOptions, saudiPhone } from '../modules/validate/fields/phone.ts';
export { type Coordinates, coordinates, uuid, whole, words } from '../modules/validate/fields/plain.ts';
export { safeHtml, type SafeHtmlOptions } from '../modules/validate/fields/safe-html.ts';
export { inZod } from '../modules/validate/fields/zod.ts';
export {
  order,
  register,
  restaurant,
  restaurantFields,
  type RuleSetOptions,
} from '../modules/validate/rule-sets.ts';
