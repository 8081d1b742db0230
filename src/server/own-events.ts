import { OptionsError } from '../core/errors.ts';
import type { EventCorridor } from '../core/event-corridor.ts';
import type { EventFields } from '../core/events.ts';
import {
  ownDetails,
  type OwnEventKinds,
  type OwnEventOptions,
  type OwnEvents,
  type OwnFields,
  type OwnTypes,
} from '../core/own-events.ts';
import type { SqlRunner } from '../ports/sql.ts';
import type { OwnAuditWriter } from './audit-writer.ts';

/** Where an application says what only it knows. */
export interface OwnEmitter<Kinds extends OwnEventKinds> {
  /**
   * Tells of a signal, and never waits. Details that do not fit their schema are left out and counted.
   * @throws OptionsError for a type that is no signal of the definition, and for nothing else
   */
  emit<Type extends OwnTypes<Kinds, 'signal'>>(type: Type, fields: OwnFields<Kinds[Type]>): void;
  /**
   * Writes an audit event into the running transaction of its act, on a database with the tables of Rampart.
   * @throws RampartError `EVENT_DETAILS_INVALID` where the details do not fit their schema, `AUDIT_UNAVAILABLE`
   */
  audit<Type extends OwnTypes<Kinds, 'audit'>>(
    sql: SqlRunner,
    type: Type,
    fields: OwnFields<Kinds[Type]>,
  ): Promise<void>;
}

/** What an emitter stands on. */
export interface OwnEventPorts {
  /** Those of the configuration. */
  readonly known: OwnEventKinds;
  readonly events: Pick<EventCorridor, 'emitOf'>;
  readonly audit: OwnAuditWriter;
}

/**
 * The emitter of a definition.
 * @throws OptionsError where a type of it is not in the configuration
 */
export function ownEmitter<Kinds extends OwnEventKinds>(
  { kinds }: OwnEvents<Kinds>,
  { known, events, audit }: OwnEventPorts,
): OwnEmitter<Kinds> {
  for (const type of Object.keys(kinds))
    if (!Object.hasOwn(known, type) || known[type] !== kinds[type])
      throw new OptionsError(
        `events.${type}`,
        'is not in the configuration: `events` takes what defineEvents gives',
      );
  const kindOf = (type: string, kept: OwnEventOptions['class']): OwnEventOptions => {
    const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
    if (kind?.class !== kept)
      throw new OptionsError(`events.${type.slice(0, 60)}`, `is no event of class ${kept}`);
    return kind;
  };
  return {
    emit(type, fields) {
      const kind = kindOf(type, 'signal');
      events.emitOf(type, kind, fieldsOf(type, kind, fields));
    },
    async audit(sql, type, fields) {
      const kind = kindOf(type, 'audit');
      await audit(sql, type, kind, fieldsOf(type, kind, fields));
    },
  };
}

function fieldsOf(type: string, kind: OwnEventOptions, fields: object): EventFields {
  const { details: given, ...rest } = fields as EventFields;
  const details = ownDetails(type, kind, given);
  return Object.keys(details).length === 0 ? rest : { ...rest, details };
}
