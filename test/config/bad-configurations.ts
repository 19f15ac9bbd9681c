/** Configurations that are refused, with the place `line:column` and a part of the message of each problem. */
export interface BadConfiguration {
  readonly name: string
  /** What follows `apiVersion` and `kind`, so that its first line is line 3. */
  readonly body?: string
  /** The whole text, where the head itself is at fault. */
  readonly text?: string
  readonly problems: ReadonlyArray<readonly [place: string, messagePart: string]>
}

const one = 'credentials:\n  - name: a\n    namespaces: "*"\n'

export const badConfigurations: readonly BadConfiguration[] = [
  // not YAML, or not one document
  { name: 'empty file', text: '', problems: [['1:1', 'holds no configuration']] },
  { name: 'comments only', text: '# nothing\n---\n', problems: [['1:1', 'holds no configuration']] },
  { name: 'scalar', text: 'hello', problems: [['1:1', 'is no map']] },
  { name: 'list', text: '- a', problems: [['1:1', 'is no map']] },
  { name: 'open bracket', body: 'credentials: [', problems: [['3:15', 'bracket is still open']] },
  { name: 'tab as indentation', body: 'injection:\n\tpods: true\n', problems: [['4:1', 'use spaces']] },
  { name: 'key twice', body: 'platform: auto\nplatform: openshift\n', problems: [['4:1', 'stands twice']] },
  { name: 'bare star', body: 'credentials:\n  - name: a\n    namespaces: *\n', problems: [['5:17', 'in quotes']] },
  { name: 'unknown anchor', body: 'platform: *p\n', problems: [['3:11', 'no anchor']] },
  { name: 'alias bomb', body: 'a: &a [x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]\n', problems: [['4:8', 'multiply']] },
  { name: 'unclosed quote', body: 'platform: "auto\n', problems: [['4:1', 'closing quote']] },
  { name: 'tag that makes bytes', body: 'platform: !!binary aGk=\n', problems: [['3:20', 'expected a string']] },
  { name: 'second document', body: `${one}---\nkind: Other\n`, problems: [['7:1', 'several documents']] },
  { name: 'map on the line of its key', body: 'injection: pods: true\n', problems: [['3:12', 'line of its own']] },

  // head
  { name: 'no kind', text: 'apiVersion: pullpass.dev/v1\n', problems: [['1:1', 'kind: PullpassConfiguration']] },
  { name: 'no apiVersion', text: 'kind: PullpassConfiguration\n', problems: [['1:1', 'apiVersion: pullpass.dev/v1']] },
  { name: 'other version', text: 'apiVersion: pullpass.dev/v2\nkind: PullpassConfiguration\n', problems: [['1:13', 'expected pullpass.dev/v1']] },
  { name: 'other kind', text: 'apiVersion: pullpass.dev/v1\nkind: Secret\n', problems: [['2:7', 'expected PullpassConfiguration']] },
  { name: 'unknown top field', body: 'credential: []\n', problems: [['3:1', 'did you mean "credentials"?']] },
  { name: 'unknown field without a likeness', body: 'zebra: 1\n', problems: [['3:1', 'use one of apiVersion, kind']] },

  // shapes
  { name: 'credentials empty', body: 'credentials:\n', problems: [['3:1', 'is empty; expected a list']] },
  { name: 'credentials as map', body: 'credentials: {a: 1}\n', problems: [['3:14', 'is a map; expected a list']] },
  { name: 'credential as text', body: 'credentials: [a]\n', problems: [['3:15', 'is a string; expected a map']] },
  { name: 'no name', body: 'credentials:\n  - namespaces: "*"\n', problems: [['4:5', 'lacks the field "name"']] },
  { name: 'no namespaces', body: 'credentials:\n  - name: a\n', problems: [['4:5', 'lacks the field "namespaces"']] },
  { name: 'misspelt field', body: `${one}    registrys: [quay.io]\n`, problems: [['6:5', 'did you mean "registries"?']] },
  { name: 'password in the file', body: `${one}    password: hunter2\n`, problems: [['6:5', 'unknown field "password"']] },
  { name: 'upper-case name', body: 'credentials: [{name: Acme, namespaces: "*"}]\n', problems: [['3:22', 'lower-case letters']] },
  { name: 'name ends in a dash', body: 'credentials: [{name: acme-, namespaces: "*"}]\n', problems: [['3:22', 'both ends']] },
  { name: 'name of 64 characters', body: `credentials: [{name: ${'a'.repeat(64)}, namespaces: "*"}]\n`, problems: [['3:22', 'longer than 63']] },
  { name: 'number as name', body: 'credentials: [{name: 5, namespaces: "*"}]\n', problems: [['3:22', 'put it in quotes']] },
  { name: 'name twice', body: `${one}  - name: a\n    namespaces: "*"\n`, problems: [['6:11', 'as is credentials[0].name']] },
  { name: 'source is some word', body: `${one}    source: nil\n`, problems: [['6:13', 'the word none']] },
  { name: 'source without name', body: `${one}    source: {}\n`, problems: [['6:13', 'lacks the field "name"']] },
  { name: 'source namespace with a dot', body: `${one}    source: {name: x, namespace: a.b}\n`, problems: [['6:34', 'a namespace name']] },
  { name: 'source none without registries', body: `${one}    source: none\n`, problems: [['6:13', 'registries is absent']] },
  {
    name: 'source none with what needs one',
    body: `${one}    source: none\n    registries: [quay.io]\n    adopt: true\n    targets: [x]\n    verify: [{host: quay.io, image: a}]\n`,
    problems: [['8:12', 'needs a source'], ['9:14', 'needs a source'], ['10:13', 'needs a source']]
  },

  // registries
  { name: 'no registry', body: `${one}    registries: []\n`, problems: [['6:17', 'is an empty list']] },
  { name: 'empty registry', body: `${one}    registries: [""]\n`, problems: [['6:18', 'is empty']] },
  { name: 'registry with tag', body: `${one}    registries: [quay.io/a:1]\n`, problems: [['6:18', 'remove the tag']] },
  { name: 'registry without host', body: `${one}    registries: [acme/app]\n`, problems: [['6:18', 'docker.io/acme/app']] },
  { name: 'registry with login', body: `${one}    registries: ["u:hunter2@quay.io"]\n`, problems: [['6:18', 'holds an @']] },

  // who may have it
  { name: 'namespace not in a list', body: 'credentials: [{name: a, namespaces: build}]\n', problems: [['3:37', 'a list of names']] },
  { name: 'no namespace', body: 'credentials: [{name: a, namespaces: []}]\n', problems: [['3:37', 'is an empty list']] },
  { name: 'namespace twice', body: 'credentials: [{name: a, namespaces: [x, x]}]\n', problems: [['3:37', 'same entry twice']] },
  { name: 'namespace with a dot', body: 'credentials: [{name: a, namespaces: [x.y]}]\n', problems: [['3:38', 'a namespace name']] },
  { name: 'labels without selector', body: 'credentials: [{name: a, namespaces: {matchLabels: {}}}]\n', problems: [['3:37', 'lacks the field "selector"'], ['3:38', 'unknown field']] },
  { name: 'selector that asks for nothing', body: 'credentials: [{name: a, namespaces: {selector: {}}}]\n', problems: [['3:48', 'every namespace']] },
  { name: 'label key', body: 'credentials: [{name: a, namespaces: {selector: {matchLabels: {_x: y}}}}]\n', problems: [['3:63', 'a label key']] },
  { name: 'label value', body: 'credentials: [{name: a, namespaces: {selector: {matchLabels: {x: "-"}}}}]\n', problems: [['3:66', 'a label value']] },
  { name: 'operator', body: 'credentials: [{name: a, namespaces: {selector: {matchExpressions: [{key: x, operator: Inn}]}}}]\n', problems: [['3:87', 'did you mean "In"?']] },
  { name: 'In without values', body: 'credentials: [{name: a, namespaces: {selector: {matchExpressions: [{key: x, operator: In}]}}}]\n', problems: [['3:68', 'add at least one']] },
  { name: 'Exists with values', body: 'credentials: [{name: a, namespaces: {selector: {matchExpressions: [{key: x, operator: Exists, values: [y]}]}}}]\n', problems: [['3:103', 'takes none']] },

  // companions and the rest of a credential
  { name: 'unknown companion', body: `${one}    companions: [b]\n`, problems: [['6:18', 'the name of no credential']] },
  { name: 'itself as companion', body: `${one}    companions: [a]\n`, problems: [['6:18', 'the credential itself']] },
  { name: 'yes as boolean', body: `${one}    adopt: yes\n`, problems: [['6:12', 'expected true or false']] },
  { name: 'verify without image', body: `${one}    verify: [{host: quay.io}]\n`, problems: [['6:14', 'lacks the field "image"']] },

  // the other sections
  { name: 'missingCopy', body: 'injection: {missingCopy: gated}\n', problems: [['3:26', 'did you mean "gate"?']] },
  { name: 'duration without unit', body: 'injection: {gateTimeout: 120}\n', problems: [['3:26', 'a duration such as']] },
  { name: 'duration in days', body: 'retention: {sourceGone: 1d}\n', problems: [['3:25', 'a duration such as']] },
  { name: 'platform', body: 'platform: okd\n', problems: [['3:11', 'one of auto, openshift, kubernetes']] },
  { name: 'internal registry with a path', body: 'internalRegistries: [r.example.com/x]\n', problems: [['3:22', 'optional port']] },
  { name: 'image puller of itself', body: 'imagePullers: [{project: p, from: [{namespace: p}]}]\n', problems: [['3:36', 'the project itself']] },
  { name: 'image puller project twice', body: 'imagePullers: [{project: p, from: [{namespace: q}]}, {project: p, from: [{namespace: q}]}]\n', problems: [['3:64', 'one entry']] },
  { name: 'image puller without callers', body: 'imagePullers: [{project: p, from: []}]\n', problems: [['3:35', 'is an empty list']] },
  {
    name: 'several at once',
    body: 'platform: okd\nzebra: 1\ncredentials:\n  - name: A\n    namespaces: "*"\n',
    problems: [['3:11', 'platform'], ['4:1', 'zebra'], ['6:11', 'credentials[0].name']]
  }
]
