import type { CODE_RULES, TEMPLATE_RULES } from '../code/rules.ts';
import type { Examples } from './test-example.ts';

/** Examples of the rules of code. */
export const CODE_EXAMPLES: Examples<typeof CODE_RULES> = {
  'node-module': { attack: "require('child_process')", near: 'require (at least) two' },
  'node-module-mention': {
    attack: "You have to load it with require('fs') in the first line",
    near: 'You have to require it',
  },
  'node-process': { attack: 'process.mainModule', near: 'process. Main course' },
  'node-process-mention': {
    attack: 'where does one read process.env in this part',
    near: 'the process, and more',
  },
  'node-run': { attack: "x.execSync('ls')", near: 'exec assistant (ls)' },
  'node-run-mention': {
    attack: 'why is fs.readFileSync(x) so much slower than that',
    near: 'read file sync',
  },
  'constructor-chain': { attack: 'x.constructor.constructor', near: 'constructor of bridges' },
  'function-value': { attack: '(function(){x})()', near: 'function (noun)' },
  'server-answer': { attack: 'res.end(1)', near: 'res. end' },
  'module-change': { attack: 'module.exports=1', near: 'module. Exports' },
  'serialized-function': { attack: '_$$ND_FUNC$$_x', near: 'nd_func' },
  'serialized-object': { attack: 'O:8:"stdClass":0:{}', near: 'O: 8 of "them"' },
  'component-action': { attack: '$1:__proto__:then', near: '$1: then' },
  'php-tag': { attack: '<?php x', near: '<? what' },
  'php-call': { attack: 'phpinfo()', near: 'php info (now)' },
  'php-variable': { attack: '$_GET[x]', near: '$_gets' },
  'java-class': { attack: 'java.lang.Runtime', near: 'java lang courses' },
  'java-class-mention': {
    attack: 'every morning it ends with java.lang.OutOfMemoryError for me',
    near: 'we drink java. Lang may it last',
  },
  'python-call': { attack: "os.system('x')", near: 'os system' },
  'perl-code': { attack: '@{[system x]}', near: '@ {x}' },
  'jndi-lookup': { attack: '${jndi:ldap://x}', near: 'jndi lookup' },
  'nested-lookup': { attack: '${${lower:j}x', near: '${price}' },
};

/** Examples of the rules of templates. */
export const TEMPLATE_EXAMPLES: Examples<typeof TEMPLATE_RULES> = {
  arithmetic: { attack: '{{7*7}}', near: '{7*7' },
  call: { attack: '${f(x)}', near: '${f}' },
  'call-mention': {
    attack: 'the name is shown with ${format(name)} in every single mail',
    near: 'the {name} is shown',
  },
  inside: { attack: "{{''.__class__}}", near: '{{ customer.name }}' },
  directive: { attack: '<#assign x=1>', near: '# assign' },
  'directive-mention': {
    attack: 'Dear friend, {% include footer %} and this is the end of it',
    near: 'Dear friend, 5% include footers',
  },
  expression: { attack: '{{a.b}}', near: '{{name}}' },
  probe: { attack: '${{<%[%\'"}}%\\.', near: '5 % < 6 %' },
};
