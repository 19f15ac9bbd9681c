import neostandard from 'neostandard'
import tseslint from 'typescript-eslint'

const limits = {
  complexity: ['error', 10],
  'max-depth': ['error', 3],
  'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
  'max-lines-per-function': ['error', { max: 50, skipBlankLines: false, skipComments: false }],
  'max-params': ['error', 3],
  '@stylistic/max-len': ['error', { code: 120, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true }]
}

const types = {
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-non-null-assertion': 'error',
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/consistent-type-imports': 'error',
  'no-restricted-syntax': ['error', {
    selector: 'ExportDefaultDeclaration', message: 'named exports only (docs/architecture.md)'
  }]
}

// tap waits for its own tests.
const tapTest = { from: 'package', package: '@tapjs/core', name: 'PromiseWithSubtest' }

// Settings enter the program in one place.
const settings = {
  'no-restricted-properties': ['error',
    { object: 'process', property: 'env', message: 'only src/main.ts reads the environment' },
    { object: 'process', property: 'argv', message: 'only src/main.ts reads the arguments' },
    { object: 'process', property: 'exit', message: 'only src/main.ts ends the process' }
  ]
}

export default [
  { ignores: ['dist/', 'node_modules/', '.tap/', 'coverage/', 'test/tools/**/*.go'] },
  ...neostandard({ ts: true, noJsx: true }),
  {
    files: ['**/*.ts'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } }
  },
  { files: ['src/**/*.ts'], rules: { ...limits, ...types, ...settings } },
  { files: ['src/main.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['test/**/*.ts', 'scripts/**/*.ts', 'certs/**/*.ts', 'bench/**/*.ts'],
    rules: {
      ...types,
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafePromises: [tapTest] }],
      'max-lines': limits['max-lines'],
      '@stylistic/max-len': limits['@stylistic/max-len']
    }
  }
]
