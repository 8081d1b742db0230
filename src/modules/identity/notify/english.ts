import type { Language } from './words.ts';

const ONCE = 'The link works once and only for a limited time.';
const WAS_YOU = 'If this was you, there is nothing to do.';
const NOT_YOU =
  'If this was not you, set a new password right away: choose “Forgot password” on the sign-in page. Then look at your sessions and second factors in the settings of your account.';

/** Notices in English. */
export const ENGLISH: Language = {
  locale: 'en-GB-u-nu-latn',
  lang: 'en',
  dir: 'ltr',
  hello: 'Hello,',
  helloNamed: 'Hello {name},',
  when: 'When',
  device: 'Device',
  place: 'Where',
  plainLink: 'If the button does not work, open this address in your browser:',
  footer: 'This is an automatic message from {product} about your account.',
  factors: {
    password: 'password',
    totp: 'authenticator app',
    backup: 'backup codes',
    sms: 'codes by SMS',
    email: 'codes by mail',
    passkey: 'passkey',
  },
  notices: {
    'verify-email': {
      subject: 'Confirm your mail address for {product}',
      before: ['Thank you for signing up for {product}. Please confirm that this address is yours.'],
      button: 'Confirm address',
      after: [ONCE, 'If you did not sign up, ignore this mail: nothing happens without you.'],
      needs: 'link',
      stranger: true,
    },
    'already-registered': {
      subject: 'You already have an account at {product}',
      before: [
        'Somebody, probably you, has just tried to sign up for {product} with this address. You already have an account, so nothing was changed.',
        'Simply sign in. If you cannot remember your password, choose “Forgot password” there.',
      ],
      button: 'Continue',
      facts: true,
      after: ['If it was not you, you need not do anything.'],
      stranger: true,
    },
    'reset-password': {
      subject: 'Set a new password for {product}',
      before: ['Somebody, probably you, has asked for a new password at {product}.'],
      button: 'Set a new password',
      facts: true,
      after: [ONCE, 'If it was not you, ignore this mail: your password stays as it is.'],
      needs: 'link',
    },
    'no-account': {
      subject: 'There is no account for this address at {product}',
      before: [
        'Somebody, probably you, has asked for a new password at {product}, but there is no account for this address.',
        'If it was you, try the address that you signed up with.',
      ],
      facts: true,
      after: ['If it was not you, you need not do anything.'],
      stranger: true,
    },
    'password-changed': {
      subject: 'Your password for {product} was changed',
      before: ['The password of your account at {product} was changed.'],
      facts: true,
      after: [WAS_YOU, NOT_YOU],
    },
    'email-change': {
      subject: 'Confirm your new mail address for {product}',
      before: [
        'You want to use this address for your account at {product}. Please confirm that it is yours.',
      ],
      button: 'Confirm address',
      facts: true,
      after: [ONCE, 'If it was not you, ignore this mail: nothing will be changed.'],
      needs: 'link',
    },
    'email-changed': {
      subject: 'The mail address of your account at {product} was changed',
      before: [
        'Your account at {product} has a new mail address. From now on, messages no longer go to this one.',
      ],
      facts: true,
      after: [WAS_YOU, 'If this was not you, write to the people who run {product} at once.'],
    },
    'new-device': {
      subject: 'New sign-in to your account at {product}',
      before: [
        'Somebody has signed in to your account at {product} on a device that we have not seen before.',
      ],
      facts: true,
      after: [WAS_YOU, NOT_YOU],
    },
    'new-place': {
      subject: 'Sign-in from a new place to your account at {product}',
      before: ['Somebody has signed in to your account at {product} from a place that is new to us.'],
      facts: true,
      after: [WAS_YOU, NOT_YOU],
    },
    'factor-added': {
      subject: 'A sign-in method was added to your account at {product}',
      before: ['Your account at {product} has a new way to prove that it is you.', 'Added: {factor}.'],
      facts: true,
      after: [WAS_YOU, NOT_YOU],
    },
    'factor-removed': {
      subject: 'A sign-in method was removed from your account at {product}',
      before: ['A sign-in method of your account at {product} was removed.', 'Removed: {factor}.'],
      facts: true,
      after: [WAS_YOU, NOT_YOU],
    },
    'backup-code-used': {
      subject: 'A backup code of your account at {product} was used',
      before: [
        'Somebody has signed in to your account at {product} with one of its backup codes.',
        'Codes left: {left}. You can make new ones in the settings of your account.',
      ],
      facts: true,
      after: [WAS_YOU, NOT_YOU],
    },
    'suspicious-attempts': {
      subject: 'Failed sign-ins to your account at {product}',
      before: [
        'Somebody has tried several times to sign in to your account at {product} and failed. Further tries are slowed down; your own devices still get in.',
      ],
      facts: true,
      after: [
        'If it was you, wait a little or set a new password.',
        'If it was not you, your account is still safe. A second factor protects it best.',
      ],
    },
    'account-locked': {
      subject: 'Your account at {product} is locked',
      before: ['Your account at {product} is locked; nobody can sign in to it for now.'],
      button: 'Unlock account',
      facts: true,
      after: ['If you do not know why, write to the people who run {product}.'],
    },
    unlock: {
      subject: 'Unlock your account at {product}',
      before: ['You can unlock your account at {product} with this link.'],
      button: 'Unlock account',
      facts: true,
      after: [ONCE, 'If you did not ask for this, ignore this mail.'],
      needs: 'link',
    },
    'refresh-reuse': {
      subject: 'We have signed you out at {product} to be safe',
      before: [
        'A sign-in to your account at {product} was used a second time, as happens when somebody has copied it. We have ended it; please sign in again.',
      ],
      facts: true,
      after: [
        'Check your device for software that you do not know, and set a new password: choose “Forgot password” on the sign-in page.',
      ],
    },
    code: {
      subject: 'Your code for {product}',
      before: ['This is your code for {product}:'],
      after: [
        'It works for a few minutes, once, and only where you asked for it. Give it to nobody: we never ask for it.',
        'If you did not ask for a code, somebody may know your password: set a new one.',
      ],
      needs: 'code',
    },
    invitation: {
      subject: 'You are invited to {product}',
      before: ['An account at {product} is ready for you. Choose your password to start.'],
      button: 'Accept invitation',
      after: [ONCE, 'If you did not expect this, ignore this mail.'],
      needs: 'link',
    },
    'reset-required': {
      subject: 'Please set a new password for {product}',
      before: [
        'For the safety of your account at {product}, its password must be set anew before your next sign-in. All sessions were ended.',
        'To do so, choose “Forgot password” on the sign-in page.',
      ],
      button: 'Set a new password',
      after: ['If you have used the old password elsewhere, change it there too.'],
    },
  },
};
