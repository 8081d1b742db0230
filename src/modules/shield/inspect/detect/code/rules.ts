import { rulesOf } from '../rule.ts';

/** Code that a server would run: of Node.js, and of languages that scanners try everywhere. */
export const CODE_RULES = rulesOf('code', {
  'node-module': [5, 'critical', 'A module of Node.js is loaded to reach files or programs.'],
  'node-module-mention': [1, 'low', 'A module is loaded in the middle of code or prose.'],
  'node-process': [
    5,
    'critical',
    'The process of the server is reached: its modules, its environment, its end.',
  ],
  'node-process-mention': [1, 'low', 'The process is spoken of in the middle of code or prose.'],
  'node-run': [5, 'critical', 'A program is started or a file is touched from JavaScript.'],
  'node-run-mention': [1, 'low', 'Such a call in the middle of code or prose.'],
  'constructor-chain': [6, 'critical', 'From any value a chain of constructors leads to code.'],
  'function-value': [
    5,
    'high',
    'A function of JavaScript that is called at once, or loops to hold the server.',
  ],
  'server-answer': [5, 'high', 'The answer or the request of the server is reached from a value.'],
  'module-change': [4, 'medium', 'The exports of a module, or the console of the server are used.'],
  'serialized-function': [6, 'critical', 'A serialised function that is run when it is read.'],
  'serialized-object': [5, 'high', 'A serialised object of PHP, Java, Python, Ruby or .NET.'],
  'component-action': [6, 'critical', 'References of a server component that lead to its constructors.'],
  'php-tag': [5, 'high', 'Code of PHP.'],
  'php-call': [5, 'high', 'A function of PHP that runs code or programs, or tells about the server.'],
  'php-variable': [5, 'medium', 'A variable of PHP that holds the request.'],
  'java-class': [5, 'high', 'A class of Java that runs programs or loads code.'],
  'java-class-mention': [2, 'low', 'A class of Java, as traces of errors name it.'],
  'python-call': [5, 'high', 'A call of Python that runs code or programs.'],
  'perl-code': [5, 'high', 'Code of Perl or Ruby inside a text.'],
  'jndi-lookup': [6, 'critical', 'A lookup that makes a logger load code.'],
  'nested-lookup': [5, 'high', 'Lookups inside each other, to hide such a name.'],
});

/** Expressions that a template engine evaluates. */
export const TEMPLATE_RULES = rulesOf('template', {
  arithmetic: [5, 'high', 'A template that computes, as probes use it to see whether it is evaluated.'],
  call: [5, 'high', 'A template that calls something.'],
  'call-mention': [1, 'low', 'Such a template in the middle of a text.'],
  inside: [
    6,
    'critical',
    'A template that reaches the inside of its language: classes, settings, constructors.',
  ],
  directive: [5, 'high', 'A directive of a template engine that assigns, includes or runs.'],
  'directive-mention': [2, 'low', 'A directive in the middle of a text.'],
  expression: [5, 'medium', 'A template around a whole value.'],
  probe: [5, 'high', 'Openings of many template engines at once.'],
});
