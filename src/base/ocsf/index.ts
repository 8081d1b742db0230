/** The door of OCSF: events as objects of the Open Cybersecurity Schema Framework. */
export { OCSF_VERSION, ocsfEvent, type OcsfObject, type OcsfSource } from './event.ts';
