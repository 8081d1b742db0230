export { type BoxKey, type SecretBox, secretBox } from './box.ts';
