export { type BlindIndex, blindIndex, type BlindIndexOptions, keyOfIndex } from './blind-index.ts';
export { type BoxKey, keyOfBox, type SecretBox, secretBox } from './box.ts';
export {
  type FieldCipher,
  fieldCipher,
  type FieldOptions,
  fieldPrefix,
  keyOfField,
  type RowId,
} from './field.ts';
export { isPan, maskPan, maskPans, passesLuhn } from './pan.ts';
export {
  fixedRing,
  KEY_PURPOSES,
  keyCheck,
  type KeyPurpose,
  KeyRing,
  type LoadedKey,
  MAX_USES,
  type RingKey,
  USES_TO_ROTATE,
} from './ring.ts';
export { fileKeyContext, type FileKeys, sealedFiles, type SealedFileParts } from './sealed-files.ts';
export { type Signer, signer, type SignerOptions, type SignatureVerdict } from './signer.ts';
export { readKeyText, readSecretVariable, ringFromEnvironment } from './source.ts';
export {
  type EncryptedColumn,
  EncryptedTable,
  type EncryptedTableOptions,
  type Rings,
  type Row,
} from './table.ts';
export { makeToken, readToken, tokenHash, type TokenText } from './token.ts';
export { FIELD_TYPES, type FieldType, type FieldValues } from './values.ts';
export { DATA_KEY_BYTES, type KeyContext, type KeyWrapper, localWrapper } from './wrap.ts';
export { type AwsKmsOptions, type AwsKmsPorts, awsKmsWrapper } from './kms/aws.ts';
export { type CallPorts } from './kms/call.ts';
export { type AwsCredentials } from './kms/sigv4.ts';
export { type VaultOptions, vaultWrapper } from './kms/vault.ts';
