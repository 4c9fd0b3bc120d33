import type { FleetFiles } from '../../sandbox/fleets/fleet-files.ts';

/** leaf03 of the demo stands at a site of its own, behind its own network, with its own runner. */
export function withSecondSite(files: FleetFiles): FleetFiles {
  const moved = new Map<string, string | Uint8Array>();
  for (const [path, text] of files) {
    moved.set(path.replace(/devices\/ams1\/leaf03/, 'devices/fra1/leaf03'), text);
    if (path === 'desired-state/sites/ams1.yaml') {
      moved.set('desired-state/sites/fra1.yaml', `runner: [self-hosted, fra1]\n${String(text)}`);
    }
  }
  return moved as FleetFiles;
}
