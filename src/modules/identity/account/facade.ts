import type { Identity } from '../facade.ts';
import { createAccounts } from './accounts.ts';
import { changeEmail } from './email.ts';
import { confirmSms, confirmTotp, enrolSms, enrolTotp } from './enrol.ts';
import type { Kit } from './kit.ts';
import { endOtherSessions, endSession, refresh, removeDevice, signOut } from './own.ts';
import { passkeyRegistrationQuestion, registerPasskey, renamePasskey } from './passkeys.ts';
import { passkeySignIn, passkeySignInQuestion } from './passkey-sign-in.ts';
import { forgotPassword } from './forgot.ts';
import { changePassword, resetPassword } from './password.ts';
import { changeProfile, deleteAccount } from './profile.ts';
import { finishSecondStep, secondStepPasskey, sendSecondStepCode } from './second-step.ts';
import { signIn } from './sign-in.ts';
import { resendVerification, signUp } from './sign-up.ts';
import { requireFresh, sendStepUpCode, stepUp, stepUpOptions, stepUpPasskey } from './step-up.ts';
import { disableFactor, makeBackupCodes, mfaStatus, removePasskey } from './unenrol.ts';
import { unlock } from './unlock.ts';
import { verifyEmail } from './verify-email.ts';

/** Every flow under its name on the facade. */
export function flowsOf(kit: Kit): Omit<Identity, 'start' | 'prune' | 'close'> {
  const { parts } = kit;
  return {
    ...parts,
    accounts: createAccounts(kit),
    signUp: (given, facts) => signUp(kit, given, facts),
    resendVerification: (email, facts) => resendVerification(kit, email, facts),
    verifyEmail: (token, facts) => verifyEmail(kit, token, facts),
    signIn: (given, facts) => parts.hasher.admit(() => signIn(kit, given, facts)),
    sendSecondStepCode: (challenge, channel, facts) => sendSecondStepCode(kit, challenge, channel, facts),
    secondStepPasskey: (challenge, facts) => secondStepPasskey(kit, challenge, facts),
    finishSecondStep: (challenge, proof, facts) => finishSecondStep(kit, challenge, proof, facts),
    passkeySignInQuestion: () => passkeySignInQuestion(kit),
    passkeySignIn: (answer, facts) => passkeySignIn(kit, answer, facts),
    refresh: (token, facts) => refresh(kit, token, facts),
    signOut: (session, facts) => signOut(kit, session, facts),
    forgotPassword: (email, facts) => forgotPassword(kit, email, facts),
    resetPassword: (given, facts) => resetPassword(kit, given, facts),
    unlock: (token, facts) => unlock(kit, token, facts),
    changePassword: (session, given, facts) => changePassword(kit, session, given, facts),
    changeEmail: (session, email, facts) => changeEmail(kit, session, email, facts),
    changeProfile: (session, given) => changeProfile(kit, session, given),
    deleteAccount: (session, facts) => deleteAccount(kit, session, facts),
    requireFresh: (session, need) => requireFresh(kit, session, need),
    stepUpOptions: (session) => stepUpOptions(kit, session),
    sendStepUpCode: (session, facts) => sendStepUpCode(kit, session, facts),
    stepUpPasskey: (session) => stepUpPasskey(kit, session),
    stepUp: (session, proof, facts) => stepUp(kit, session, proof, facts),
    mfaStatus: (session) => mfaStatus(kit, session),
    enrolTotp: (session) => enrolTotp(kit, session),
    confirmTotp: (session, code, facts) => confirmTotp(kit, session, code, facts),
    enrolSms: (session, phone, facts) => enrolSms(kit, session, phone, facts),
    confirmSms: (session, code, facts) => confirmSms(kit, session, code, facts),
    makeBackupCodes: (session, facts) => makeBackupCodes(kit, session, facts),
    disableFactor: (session, kind, facts) => disableFactor(kit, session, kind, facts),
    passkeyRegistrationQuestion: (session) => passkeyRegistrationQuestion(kit, session),
    registerPasskey: (session, answer, facts) => registerPasskey(kit, session, answer, facts),
    renamePasskey: (session, id, name) => renamePasskey(kit, session, id, name),
    removePasskey: (session, id, facts) => removePasskey(kit, session, id, facts),
    endSession: (session, id, facts) => endSession(kit, session, id, facts),
    endOtherSessions: (session, facts) => endOtherSessions(kit, session, facts),
    removeDevice: (session, id, facts) => removeDevice(kit, session, id, facts),
  };
}
