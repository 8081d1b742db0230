import { email, type EmailOptions } from './fields/email.ts';
import { issueOf } from './fields/field.ts';
import { form, items, maybe } from './fields/form.ts';
import { type JudgePassword, password } from './fields/password.ts';
import { personName } from './fields/person-name.ts';
import { phone, type PhoneOptions } from './fields/phone.ts';
import { coordinates, uuid, whole, words } from './fields/plain.ts';

/** What the rule sets are told of the place where they are used. */
export interface RuleSetOptions {
  /** Telephone numbers; default Saudi Arabia's where none of another country is written. */
  readonly phone?: PhoneOptions;
  /**
   * Mail addresses of `register`; default: those of throw-away providers are refused by the list of the package. A list
   * that is kept up to date elsewhere is handed in as `isDisposable`.
   */
  readonly email?: EmailOptions;
}

const SAUDI: PhoneOptions = { country: 'SA' };

/**
 * The form of somebody who signs up: mail address, password, name, and a telephone number where one is given.
 * @param judge what is wrong with a new password; it is told the address and the name that stand beside it
 */
export function register(judge: JudgePassword, options: RuleSetOptions = {}) {
  return form(
    {
      email: email(options.email),
      // Judged below, where the name is known.
      password: password(() => undefined),
      name: personName(),
      phone: maybe(phone(options.phone ?? SAUDI)),
    },
    async ({ password: chosen, email: address = '', name = '' }) => {
      const fault =
        chosen === undefined
          ? undefined
          : await judge(
              chosen,
              [address, name].filter((one) => one !== ''),
            );
      return fault === undefined ? [] : [{ ...issueOf(fault), path: ['password'] }];
    },
  );
}

/** Fields of a restaurant, to be put into a form with others. */
export function restaurantFields(options: RuleSetOptions = {}) {
  return {
    name: words({ min: 2, max: 200 }),
    description: maybe(words({ max: 1_000 })),
    phone: phone(options.phone ?? SAUDI),
    street: words({ min: 5, max: 200 }),
    coordinates: coordinates(),
  };
}

/** A restaurant of a food delivery system. */
export function restaurant(options: RuleSetOptions = {}) {
  return form(restaurantFields(options));
}

/** An order of a food delivery system: where, what, and how many of each. */
export function order() {
  return form({
    restaurantId: uuid(),
    items: items(form({ itemId: uuid(), quantity: whole({ min: 1, max: 50 }) }), { min: 1, max: 100 }),
    instructions: maybe(words({ max: 500 })),
  });
}
