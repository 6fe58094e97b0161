import angular from 'angular-eslint';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// A folder of src/app may import from the folders above it in this list, never from one below.
const FOLDERS = [
  'formats',
  'api',
  'ui',
  'session',
  'shell',
  'account',
  'notices',
  'bookings',
  'events',
  'check-in',
  'admin',
];

// What makes a component of ui one of this site only: the shapes and the clients of the API.
const DOMAIN = {
  regex: '/api/(?!problem|search-text|paged-list|form-errors|last-value|loaded)',
  message: 'ui/ knows no domain: pass text and numbers in.',
};

const REQUESTS = {
  name: '@angular/common/http',
  importNames: ['HttpClient', 'httpResource'],
  message: 'A client of api/ owns the URLs of its resource and asks for them.',
};

const importRules = FOLDERS.map((folder, place) => {
  const below = FOLDERS.slice(place + 1);
  const patterns = below.map((name) => ({
    regex: `^(\\.\\./)+${name}/`,
    message: `${folder}/ stands above ${name}/ in the list of folders and may not import from it.`,
  }));
  if (folder === 'ui') patterns.push(DOMAIN);
  return {
    files: [`src/app/${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': ['error', { patterns, paths: folder === 'api' ? [] : [REQUESTS] }],
    },
  };
});

export default defineConfig([
  globalIgnores(['dist', '.angular', 'src/app/api/api-types.gen.ts']),
  {
    files: ['**/*.ts'],
    extends: [
      ...tseslint.configs.strict,
      ...tseslint.configs.stylistic,
      ...angular.configs.tsRecommended,
    ],
    processor: angular.processInlineTemplates,
    rules: {
      '@angular-eslint/component-selector': [
        'error',
        { type: ['element', 'attribute'], prefix: 'mq', style: 'kebab-case' },
      ],
      '@angular-eslint/directive-selector': [
        'error',
        { type: 'attribute', prefix: 'mq', style: 'camelCase' },
      ],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // A browser may not know an event's time zone, and would throw.
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "NewExpression[callee.object.name='Intl'][callee.property.name='DateTimeFormat'][arguments.length>0]",
          message: 'Use clockFormat() of formats/venue-clock.ts.',
        },
        {
          selector: 'CallExpression[callee.property.name=/^toLocale(Date|Time)?String$/]',
          message: 'Use clockFormat() of formats/venue-clock.ts.',
        },
      ],
      'no-console': 'error',
      'max-lines': ['error', { max: 300 }],
    },
  },
  ...importRules,
  {
    files: ['src/app/formats/venue-clock.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.html'],
    extends: [...angular.configs.templateRecommended, ...angular.configs.templateAccessibility],
    rules: {
      // The server's Content-Security-Policy refuses style attributes.
      '@angular-eslint/template/no-inline-styles': [
        'error',
        { allowNgStyle: false, allowBindToStyle: true },
      ],
      '@angular-eslint/template/prefer-control-flow': 'error',
    },
  },
]);
