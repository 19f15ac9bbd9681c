import t from 'tap'
import { createSubstitute } from '../../src/kinds/workflow-parameters.ts'

const substitute = createSubstitute({ arguments: { parameters: [{ name: 'a', value: 'x' }, { name: 'n', value: 3 }] } })

t.test('only parameters of the Workflow with a literal value are filled in', async (t) => {
  const rows = [
    { name: 'one', text: '{{workflow.parameters.a}}/b', expected: 'x/b' },
    { name: 'two with spaces, a number', text: '{{ workflow.parameters.a }}:{{workflow.parameters.n}}', expected: 'x:3' },
    { name: 'unknown', text: '{{workflow.parameters.b}}', expected: '{{workflow.parameters.b}}' },
    { name: 'another scope', text: '{{inputs.parameters.a}}', expected: '{{inputs.parameters.a}}' },
    { name: 'not closed', text: '{{workflow.parameters.a', expected: '{{workflow.parameters.a' },
    { name: 'no template', text: 'nginx', expected: 'nginx' },
    { name: 'no text', text: 7, expected: 7 }
  ]
  for (const { name, text, expected } of rows) t.equal(substitute(text), expected, name)
})
