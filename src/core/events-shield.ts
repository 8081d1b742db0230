/** What the shield sees: a part of the catalogue. */
export const SHIELD_EVENTS = {
  DDOS_DETECTED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'One client sent more requests than any honest one; told once a minute for each.',
  },
  PATH_SCAN_DETECTED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'One client asked for many paths that are not there; told once an hour for each.',
  },
  POSTURE_CHANGED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'The whole site is pressed harder, or less hard, than before.',
  },
  CHALLENGE_SOLVED: {
    severity: 'LOW',
    class: 'signal',
    about: 'A client has solved a challenge and was given a clearance.',
  },
  CHALLENGE_FAILED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A proof was wrong, forged or shown twice; told once a minute for each client.',
  },
  BOT_IMPOSTOR: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A request named a good bot and did not come from it; told once an hour for each network and bot.',
  },
  XSS_ATTEMPT: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A value of a request held a script for the browsers of others.',
  },
  TOR_EXIT_NODE: {
    severity: 'LOW',
    class: 'signal',
    about: 'A request came from an exit of Tor, as a list says; told once an hour for each address.',
  },
  VPN_DETECTED: {
    severity: 'LOW',
    class: 'signal',
    about: 'A request came from a VPN, as a list says; told once an hour for each address.',
  },
  INJECTION_ATTEMPT: {
    severity: 'HIGH',
    class: 'signal',
    about:
      'A request was inspected and looks like an attack; told with the first, tenth and hundredth of ten seconds for each client and class.',
  },
  HELD_BODIES_FULL: {
    severity: 'HIGH',
    class: 'signal',
    about: 'Bodies that wait for inspection fill the memory that they may take; told once a minute.',
  },
  BODY_READ_EARLY: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'Something reads bodies before the guard, which inspects what is left of them; told once an hour.',
  },
  FEED_UPDATED: {
    severity: 'LOW',
    class: 'signal',
    about: 'A list, database or other feed of the shield was replaced by a newer one on a node.',
  },
  FEED_FAILED: {
    severity: 'MEDIUM',
    class: 'signal',
    about:
      'A feed could not be brought up to date; what was there before holds. Told once a day while it lasts.',
  },
  FEED_STALE: {
    severity: 'MEDIUM',
    class: 'signal',
    about:
      'A feed was not found to be up to date for too long; it stays in use. Told once a day while it lasts.',
  },
  FEED_CURRENT: {
    severity: 'LOW',
    class: 'signal',
    about: 'A feed that had failed or was stale is up to date again.',
  },
  FEED_UPDATE_REQUESTED: {
    severity: 'LOW',
    class: 'audit',
    about: 'Somebody had a feed of the shield brought up to date.',
  },
  SERVER_UNPROTECTED: {
    severity: 'MEDIUM',
    class: 'signal',
    about:
      'The server of an application bounds no connections, or takes WebSockets past the guard; told once a start.',
  },
  SSRF_BLOCKED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'An address that was to be called leads, or could lead, into the own network; it was not called.',
  },
  CONNECTIONS_CUT: {
    severity: 'MEDIUM',
    class: 'signal',
    about:
      'Connections were closed that were too slow, too many of one address, or no honest HTTP; told once a minute with their numbers.',
  },
  PATH_ESCAPE_BLOCKED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A path that was to be opened leads, or could lead, out of its folder; it was not opened.',
  },
  SHIELD_EXCLUSION_DRAFTED: {
    severity: 'LOW',
    class: 'audit',
    about: 'Somebody drafted what inspection should leave out, or changed the draft; it acts on nothing yet.',
  },
  SHIELD_EXCLUSION_PUBLISHED: {
    severity: 'HIGH',
    class: 'audit',
    about: 'Inspection leaves out some rules from now on, on every node.',
  },
  SHIELD_EXCLUSION_WITHDRAWN: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'What inspection left out counts again, or a draft of it was deleted.',
  },
  FALSE_ALARM_REPORTED: {
    severity: 'LOW',
    class: 'audit',
    about: 'Somebody says that a request was refused that should not have been.',
  },
  FALSE_ALARM_SETTLED: {
    severity: 'LOW',
    class: 'audit',
    about: 'A reported false alarm was accepted or dismissed.',
  },
} as const;
