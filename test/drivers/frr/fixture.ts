import { driverFor } from '../../../drivers/registry.ts';
import type { ConformanceFixture } from '../conformance.ts';
import { createFrrBench, stopSharedNode } from './bench.ts';
import { BASE_CONF, confTree, missing } from './node.ts';

/** A real FRR on a real Linux, in namespaces of this machine. */
export const frrFixture: ConformanceFixture = {
  name: 'frr 8.4',
  driver: driverFor('frr'),
  missing,
  start: createFrrBench,
  stop: stopSharedNode,
  intended: confTree(`${BASE_CONF}ip prefix-list LOOPBACKS permit 10.0.0.0/24 ge 32\n`),
  refusedLeaf: {
    tree: confTree(BASE_CONF.replace('bgp router-id', 'frobnicate')),
    path: ['/etc/frr/frr.conf', 'router bgp 65011', 'frobnicate 10.0.0.11'],
  },
  // Read without a complaint, and impossible once it is done: the neighbour does not exist.
  refusedWhole: {
    tree: confTree(BASE_CONF.replace('  redistribute', '  neighbor 192.0.2.99 allowas-in 1\n  redistribute')),
    path: [],
  },
};
