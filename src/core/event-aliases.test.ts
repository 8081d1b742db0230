import { describe, expect, it } from 'vitest';
import { aliasesOf, EVENT_ALIASES, typesNamed } from './event-aliases.ts';
import { EVENTS } from './events.ts';

/** What people look for, whatever it is called here. */
const WANTED =
  `LOGIN_SUCCESS LOGIN_FAILURE LOGOUT PASSWORD_CHANGE PASSWORD_RESET MFA_ENABLED MFA_DISABLED MFA_FAILURE ACCESS_GRANTED
  ACCESS_DENIED PERMISSION_CHANGE ROLE_CHANGE DATA_VIEWED DATA_CREATED DATA_MODIFIED DATA_DELETED DATA_EXPORTED
  CONFIGURATION_CHANGE SYSTEM_ERROR BACKUP_CREATED MAINTENANCE_MODE SUSPICIOUS_ACTIVITY BRUTE_FORCE_ATTEMPT
  SQL_INJECTION_ATTEMPT XSS_ATTEMPT CSRF_ATTEMPT FILE_UPLOAD_ATTEMPT UNUSUAL_TRAFFIC GEO_LOCATION_ANOMALY TOR_EXIT_NODE
  VPN_DETECTED`.split(/\s+/);

describe('names of events', () => {
  it.each(WANTED)('%s is found, under this name or another', (name) => {
    const types = typesNamed(name);
    expect(types.length).toBeGreaterThan(0);
    for (const type of types) expect(Object.keys(EVENTS)).toContain(type);
  });

  it('that are types stand for themselves too', () => {
    expect(typesNamed('DATA_EXPORTED')).toEqual(['DATA_EXPORTED', 'LIST_EXPORTED', 'AUDIT_EXPORTED']);
    expect(typesNamed('LOGOUT')).toEqual(['SIGNED_OUT']);
    expect(typesNamed('REQUEST_REFUSED')).toEqual(['REQUEST_REFUSED']);
    expect(typesNamed('nonsense')).toEqual(['nonsense']);
    expect(aliasesOf('ROLE_ASSIGNED')).toEqual(['ROLE_CHANGE', 'PERMISSION_CHANGE']);
    expect(Object.keys(EVENT_ALIASES)).not.toContain('');
  });
});
