import { stringify } from 'yaml'

/** Writes one object: JSON indented by 2, or YAML that readers of YAML 1.1 understand as well. Ends with its line. */
export function renderObject (object: unknown, format: 'yaml' | 'json'): string {
  if (format === 'json') return `${JSON.stringify(object, null, 2)}\n`
  // `yaml-1.1` quotes texts such as "on" and "0644", which Kubernetes would read as something else.
  return stringify(object, { schema: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false })
}

/** Joins texts of several files into one stream; what stands between them is all that is added. */
export function joinTexts (texts: readonly string[], format: 'yaml' | 'json'): string {
  return texts.filter((text) => text.trim() !== '').reduce((joined, text) => {
    if (joined === '') return text
    const above = joined.endsWith('\n') ? joined : `${joined}\n`
    return above + (format === 'json' ? '' : separatorBefore(text)) + text
  }, '')
}

/** Nothing where the text begins a document itself; `...` before directives, which must follow a document's end. */
function separatorBefore (text: string): string {
  const first = text.split('\n').find((line) => !/^\s*(?:#.*)?$/.test(line.trim())) ?? ''
  if (first.startsWith('%')) return '...\n'
  return /^---(?:\s|$)/.test(first) ? '' : '---\n'
}
