/** The import rule, as ARCHITECTURE.md tells it, in the words of dependency-cruiser. `boundaries.ts` applies it. */

/** Tests, and what only they use. */
const tests = '\\.test\\.tsx?$|^services/[^/]+/testing-[^/]+\\.ts$|^workshop/[^/]+/testing-[^/]+\\.ts$'
/** The files of a service that may do I/O; every other file is domain. */
const edge = '^services/[^/]+/(contract|service|settings|routes|handlers|jobs|rpc|store)[^/]*\\.ts$|_pb\\.ts$'

export const forbidden = [
  {
    name: 'services-see-contracts-only',
    comment:
      'A service sees of another service its contract and its RPC, nothing else. Tests may run several.',
    severity: 'error',
    from: { path: '^services/([^/]+)/', pathNot: tests },
    to: { path: '^services/', pathNot: '^services/$1/|^services/[^/]+/(contract|[a-z-]+_pb)\\.ts$' },
  },
  {
    name: 'services-stand-below',
    comment: 'Nothing that a service imports may know which services exist.',
    severity: 'error',
    from: { path: '^services/' },
    to: { path: '^(server|web|tools|bench|tests)/' },
  },
  {
    name: 'domain-is-pure',
    comment:
      'A domain file sees its contract and other domain files: no edge of its service, no platform but contracts.',
    severity: 'error',
    from: { path: '^services/[^/]+/[^/]+\\.ts$', pathNot: `${edge}|${tests}` },
    to: {
      path: '^(services|platform|server|web|tools)/',
      pathNot:
        '^services/[^/]+/contract[^/]*\\.ts$|^services/[^/]+/(?!(service|settings|routes|handlers|jobs|rpc|store)[^/]*\\.ts$)[^/]+\\.ts$|^platform/contract/',
    },
  },
  {
    name: 'domain-does-no-io',
    comment:
      'Time, files, network and processes reach a domain function as arguments. Computing with node:crypto is fine.',
    severity: 'error',
    from: { path: '^services/[^/]+/[^/]+\\.ts$', pathNot: `${edge}|${tests}` },
    to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer|util|url|path)$' },
  },
  {
    name: 'platform-knows-no-service',
    comment: 'The platform would run any services.',
    severity: 'error',
    from: { path: '^platform/' },
    to: { path: '^(services|server|web|tools|workshop)/' },
  },
  {
    name: 'workshop-stands-alone',
    comment: 'What a part is and takes is computed the same in a service, a worker and a browser.',
    severity: 'error',
    from: { path: '^workshop/', pathNot: tests },
    to: { path: '^(services|platform|server|web|tools|bench|tests)/' },
  },
  {
    name: 'workshop-does-no-io',
    comment: 'It runs in browsers as well: bytes come in as arguments, results go out as values.',
    severity: 'error',
    from: { path: '^workshop/', pathNot: tests },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'web-sees-contracts-only',
    comment: 'The browser shares contracts and clients with the server, never its code.',
    severity: 'error',
    from: { path: '^web/' },
    to: {
      path: '^(services|platform|server|tools)/',
      pathNot:
        '^services/[^/]+/contract\\.ts$|^platform/contract/(contract|client)\\.ts$|^platform/gateway/realtime-client\\.ts$',
    },
  },
  {
    name: 'nobody-imports-the-server',
    comment: 'Only the server knows which services run, and only tools and tests start it.',
    severity: 'error',
    from: { pathNot: '^(server|tools|tests|bench)/' },
    to: { path: '^server/' },
  },
  {
    name: 'no-cycles',
    comment:
      'Files that need each other to load are one file, or wrongly cut. Cycles of types alone are harmless.',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'no-unresolvable',
    comment: 'An import that leads nowhere.',
    severity: 'error',
    from: { pathNot: tests },
    to: { couldNotResolve: true, pathNot: '[.](css|svg|png|woff2)|^virtual:' },
  },
]

export const options = {
  // TypeScript 7 has no API that dependency-cruiser could use.
  parser: 'swc',
  tsPreCompilationDeps: true,
  doNotFollow: { path: 'node_modules' },
  exclude: { path: '(^|/)(dist|coverage|\\.data)/' },
  enhancedResolveOptions: {
    exportsFields: ['exports'],
    conditionNames: ['import', 'node', 'default', 'types'],
    extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
  },
}
