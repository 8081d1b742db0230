import type { XSS_RULES } from '../html/rules.ts';
import type { Examples } from './test-example.ts';

/** Examples of the rules of scripts in pages. */
export const XSS_EXAMPLES: Examples<typeof XSS_RULES> = {
  'script-tag': { attack: '<ScRiPt src=//x.example>', near: 'the <scripture> of the day' },
  'script-end': { attack: "';f()</script>x", near: 'the end of the script' },
  'event-attribute': { attack: '<b onpointerover=x>', near: '<b>on sale = 5</b>' },
  'event-breakout': { attack: '" autofocus onfocus=x', near: '"on" = 1' },
  'event-call': { attack: 'x onclick=f()', near: 'turn on (click = off)' },
  'event-loose': { attack: 'x onclick=5', near: 'onward=5' },
  'attribute-closed': { attack: '"><b>x', near: 'a "quoted" <b>word</b>' },
  'script-url': { attack: 'java\tscript:f(1)', near: 'JavaScript: the good parts' },
  'data-url': { attack: 'data:text/html,x', near: 'data:image/png;base64,iVBORw0KGgo=' },
  'frame-tag': { attack: '<iframe src="https://x.example">', near: 'a < iframe' },
  'frame-document': { attack: '<iframe srcdoc=x>', near: '<iframe src="https://video.example/1">' },
  'plugin-tag': { attack: '<object data=//x.example>', near: '<objective> met' },
  'meta-tag': { attack: '<meta http-equiv=refresh content=0>', near: '<meta name=author>' },
  'style-load': { attack: '<style>@import "//x.example"', near: '@import of goods' },
  'style-tag': { attack: '<style>b{}', near: '<styled> button' },
  'svg-tag': { attack: '<svg width=1>', near: 'save as <name>.svg' },
  'form-tag': { attack: '<form action=//x.example>', near: '<formal> dress' },
  'raw-text-closed': { attack: 'x</textarea><b>', near: 'x</b>' },
  'dialog-call': { attack: 'alert(1)', near: 'alert (everyone)' },
  'dialog-mention': { attack: 'when you write alert(1) nothing else happens here', near: 'the alert is on' },
  'document-access': { attack: 'document.cookie', near: 'document. Cookie policy' },
  'document-mention': {
    attack: 'can a script still read document.cookie there',
    near: 'read the document and more',
  },
  'script-breakout': { attack: "';fetch(1)//", near: "it's; fetch (it)" },
  'script-breakout-weak': { attack: "'-f(1)x", near: "it's f(1)" },
  'eval-call': { attack: 'eval(atob(x))', near: 'evaluate (it)' },
  'eval-mention': { attack: 'some say that eval("x") is slow and not safe', near: 'eval is slow' },
  'hidden-name': { attack: "self['al'+'ert']", near: 'self [noun]' },
  'symbols-only': { attack: '[][(![]+[])[+[]]+(![]+[])[!+[]+!+[]]]', near: '[x] (y) [z]!' },
  'thrown-code': { attack: '{onerror=f;throw 1}', near: 'throw an error' },
  'other-charset': { attack: '+ADw-script+AD4-', near: '+add-on' },
};
