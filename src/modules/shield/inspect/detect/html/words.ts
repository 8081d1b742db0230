import { WordTable, words } from '../word-table.ts';

/** Elements that matter. */
export const TAG = {
  script: 1,
  frame: 2,
  plugin: 3,
  meta: 4,
  style: 5,
  svg: 6,
  form: 7,
  rawText: 8,
} as const;

/** Names of elements. */
export const TAGS = new WordTable([
  ...words(TAG.script, 'script'),
  ...words(TAG.frame, 'iframe frame frameset portal fencedframe'),
  ...words(TAG.plugin, 'object embed applet base bgsound layer ilayer isindex vmlframe'),
  ...words(TAG.meta, 'meta'),
  ...words(TAG.style, 'style link'),
  ...words(TAG.svg, 'svg math foreignobject animate animatetransform set xmp annotation-xml'),
  ...words(TAG.form, 'form'),
  ...words(TAG.rawText, 'textarea title noscript noembed noframes template plaintext'),
]);

/** Names of attributes that run code, behind `on`; in a tag, any `on…` counts. */
export const EVENTS = new WordTable(
  words(
    1,
    `abort activate afterprint afterscriptexecute animationcancel animationend animationiteration animationstart auxclick
    beforecopy beforecut beforeinput beforematch beforepaste beforeprint beforescriptexecute beforetoggle beforeunload
    begin blur bounce cancel canplay canplaythrough change click close contentvisibilityautostatechange contextmenu copy
    cuechange cut dblclick drag dragend dragenter dragexit dragleave dragover dragstart drop durationchange end ended
    error finish focus focusin focusout formdata fullscreenchange gesturechange gestureend gesturestart hashchange help
    input invalid keydown keypress keyup languagechange load loadeddata loadedmetadata loadend loadstart location
    message messageerror mousedown mouseenter mouseleave mousemove mouseout mouseover mouseup mousewheel paste pause
    play playing pointercancel pointerdown pointerenter pointerleave pointermove pointerout pointerover
    pointerrawupdate pointerup popstate progress propertychange ratechange readystatechange repeat reset resize
    scroll scrollend scrollsnapchange search securitypolicyviolation seeked seeking select selectionchange selectstart
    show slotchange snapchanged stalled start submit suspend timeupdate toggle touchcancel touchend touchmove
    touchstart transitioncancel transitionend transitionrun transitionstart unhandledrejection unload volumechange
    waiting webkitanimationend webkitanimationiteration webkitanimationstart webkittransitionend wheel
    webkitmouseforcechanged webkitmouseforcedown webkitmouseforceup webkitmouseforcewillbegin
    webkitplaybacktargetavailabilitychanged webkitpresentationmodechanged webkitwillrevealbottom`,
  ),
);

/** Names that matter in a script. */
export const JS = {
  dialog: 1,
  /** Runs a text as code, or decodes one. */
  evaluates: 2,
  decodes: 3,
  /** `document`, `location`: interesting with what follows. */
  page: 4,
  /** `window`, `self`, `top`: with a text in brackets behind them. */
  window: 5,
  /** Sends or loads. */
  sends: 6,
} as const;

/** Functions and objects of a browser. */
export const SCRIPT_WORDS = new WordTable([
  ...words(JS.dialog, 'alert confirm prompt print'),
  ...words(JS.evaluates, 'eval execscript settimeout setinterval setimmediate function importscripts'),
  ...words(JS.decodes, 'atob unescape decodeuricomponent decodeuri fromcharcode fromcodepoint btoa'),
  ...words(JS.page, 'document location localstorage sessionstorage navigator history'),
  ...words(JS.window, 'window self top parent frames globalthis this opener contentwindow'),
  ...words(JS.sends, 'fetch xmlhttprequest sendbeacon websocket eventsource activexobject import'),
]);

/** Members of `document`, `location` and the storages that an attack is after. */
export const PAGE_MEMBERS = new WordTable(
  words(
    1,
    `cookie domain write writeln location documentelement body head url documenturi referrer createelement
    getelementbyid getelementsbytagname queryselector forms scripts defaultview href hash assign replace search
    getitem setitem sendbeacon pushstate replacestate innerhtml outerhtml insertadjacenthtml baseuri execcommand
    appendchild open title styleSheets links images anchors`,
  ),
);
