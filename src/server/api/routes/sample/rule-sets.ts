import { z } from 'zod';
import type { StandardSchema } from '../../../../core/standard-schema.ts';
import { form, type FormOf, maybe } from '../../../../modules/validate/fields/form.ts';
import { order, restaurantFields } from '../../../../modules/validate/rule-sets.ts';
import { describe } from '../../../../modules/validate/index.ts';
import type { SampleForm } from './resources.ts';

/** The rule set `restaurant`, by its fields. */
export const RESTAURANT = restaurantFields();

const key = z.string().trim().min(1).max(100);

/** A new restaurant: the rule set, whose it is, and whether it is open. Coordinates become two columns. */
export const restaurantForm: SampleForm = {
  schema: form({ ...RESTAURANT, ownerId: maybe(key), open: maybe(z.boolean()) }),
  fieldsOf({ coordinates, description = null, open = true, ...rest }) {
    return { ...rest, ...(coordinates as object), description, open };
  },
};

/** The rule set `order`, as it came out of the check. */
export type MenuOrder = FormOf<{ restaurantId: StandardSchema<unknown, string> }> & {
  readonly items: readonly { readonly itemId: string; readonly quantity: number }[];
  readonly instructions?: string;
};

/** A schema for a body that is an order from a menu, by the rule set, where it names a restaurant's id; else another one. */
export function menuOrderOr<B>(other: z.ZodType<B>): StandardSchema<unknown, MenuOrder | B> {
  const fromMenu = order() as StandardSchema<unknown, MenuOrder>;
  const namesRestaurant = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, 'restaurantId');
  const described = { anyOf: [describe(fromMenu) ?? {}, describe(other) ?? {}] };
  return {
    '~standard': {
      version: 1,
      vendor: 'rampart',
      validate: (value) =>
        namesRestaurant(value) ? fromMenu['~standard'].validate(value) : other['~standard'].validate(value),
      jsonSchema: { input: () => described },
    } as StandardSchema<unknown, MenuOrder | B>['~standard'],
  };
}
