import { expect, it } from 'vitest';
import { readGithubAddress, webAddressOf } from '../../forge/github-address.ts';

it.each([
  ['https://github.com/acme/fleet.git', 'https://api.github.com', 'acme/fleet', 'https://github.com'],
  ['https://github.com/acme/fleet', 'https://api.github.com', 'acme/fleet', 'https://github.com'],
  ['https://GitHub.com/acme/fleet.js/', 'https://api.github.com', 'acme/fleet.js', 'https://github.com'],
  ['git@github.com:acme/fleet.git', 'https://api.github.com', 'acme/fleet', 'https://github.com'],
  ['ssh://git@ssh.github.com:443/acme/fleet.git', 'https://api.github.com', 'acme/fleet', 'https://github.com'],
  ['https://acme.ghe.com/net/fleet.git', 'https://api.acme.ghe.com', 'net/fleet', 'https://acme.ghe.com'],
  ['https://git.acme.net/net/fleet.git', 'https://git.acme.net/api/v3', 'net/fleet', 'https://git.acme.net'],
  ['https://git.acme.net:8443/net/fleet', 'https://git.acme.net:8443/api/v3', 'net/fleet', 'https://git.acme.net:8443'],
  ['git@git.acme.net:net/fleet.git', 'https://git.acme.net/api/v3', 'net/fleet', 'https://git.acme.net'],
  ['http://127.0.0.1:3000/acme/fleet.git', 'http://127.0.0.1:3000/api/v3', 'acme/fleet', 'http://127.0.0.1:3000'],
])('%s is at %s, %s, and people look at %s', (remote, api, repository, web) => {
  expect(readGithubAddress(remote)).toEqual({ api, repository });
  expect(webAddressOf(api)).toBe(web);
});

it.each([
  '/srv/git/fleet.git',
  'file:///srv/git/fleet.git',
  'fleet',
  'https://github.com/acme',
  'https://git.acme.net/a/b/c.git',
  'https://user@github.com/acme/fleet.git',
  'C:/fleets/acme',
])('%s is on no GitHub that we know of', (remote) => {
  expect(readGithubAddress(remote)).toBeUndefined();
});
