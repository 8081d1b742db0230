import type { RequestContext } from '../core/context.ts';
import { parsePattern, RouteTable } from '../core/route.ts';
import type { MakeValidation, Schemas, Validation } from '../core/validation.ts';
import type { Deny } from '../core/verdict.ts';
import type { DeclaredFields } from '../modules/shield/index.ts';
import { inspectionOfParts, readValidateOptions, validation } from '../modules/validate/index.ts';
import { validationVerdict } from './validation-refusals.ts';

/** What the checks of a house stand on. */
export interface ValidationGateParts {
  readonly declared: DeclaredFields;
  /** Told once of a check that does not stand where it says. */
  readonly warn: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Told of every refusal before it is answered. */
  readonly onRefused: (context: RequestContext, verdict: Deny) => void;
}

/** `validation`, with the fields of a route told to inspection as soon as the route is declared. */
export function validationGate({ declared, warn, onRefused }: ValidationGateParts): MakeValidation {
  return (schemas, given) => {
    const made = recorded(validation(schemas, given), onRefused);
    const { route } = readValidateOptions(given);
    if (route.length === 0) return made;
    const fields = inspectionOfParts(schemas);
    const places = new RouteTable<true>();
    for (const one of route) {
      declared.add(one, fields);
      const pattern = parsePattern(one);
      if (pattern !== undefined) places.add(pattern, true);
    }
    let isTold = false;
    const look = ({ request, path }: RequestContext): void => {
      if (isTold || places.find(request.method, path) === true) return;
      isTold = true;
      warn('A check of guard.validate does not stand at the route that it names.', {
        names: route,
        method: request.method,
      });
    };
    return {
      ...made,
      check(context, raw) {
        look(context);
        return made.check(context, raw);
      },
    };
  };
}

/** A refusal is a part of the request's decision: whoever holds its id can look up what did not fit. */
function recorded<S extends Schemas>(
  made: Validation<S>,
  onRefused: ValidationGateParts['onRefused'],
): Validation<S> {
  return {
    ...made,
    async check(context, raw) {
      try {
        return await made.check(context, raw);
      } catch (error) {
        const verdict = validationVerdict(error);
        if (verdict !== undefined) onRefused(context, verdict);
        throw error;
      }
    },
  };
}
