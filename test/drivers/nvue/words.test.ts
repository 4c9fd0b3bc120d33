import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../drivers/nvue/redact.ts';
import { locate, refusalsOf, wordsOf } from '../../../drivers/nvue/refusals.ts';
import { parseCreatedId } from '../../../drivers/nvue/revision.ts';

describe('what a switch says', () => {
  it.each([
    {
      case: 'the errors of a validation',
      json: { detail: 'x', validation: { selected_errors: [{ error: 'bad', instanceLocation: '/a' }] } },
      words: '/a: bad',
    },
    { case: 'the detail', json: { title: 'Bad Request', detail: 'Wrong revision.' }, words: 'Wrong revision.' },
    { case: 'the message', json: { message: 'no such thing' }, words: 'no such thing' },
    { case: 'the title', json: { title: 'Forbidden', status: 403 }, words: 'Forbidden' },
    { case: 'nothing', json: null, words: undefined },
  ])('is $case', ({ json, words }) => {
    expect(wordsOf(json)).toBe(words);
  });

  it.each([{}, [], null, 'text', { validation: null }, { validation: { selected_errors: {} } }])(
    'names no place in %j',
    (json) => {
      expect(refusalsOf(json)).toEqual([]);
    },
  );

  it.each([
    {
      location: '/interface/swp1/ip/address/10.0.0.1~124',
      path: ['interface', 'swp1', 'ip', 'address', '10.0.0.1/24'],
    },
    { location: '#/system/hostname', path: ['system', 'hostname'] },
    { location: '/interface/swp1%20x', path: ['interface', 'swp1 x'] },
    { location: '/100%/x', path: ['100%', 'x'] },
    { location: 'router.bgp.enable', path: ['router', 'bgp', 'enable'] },
    { location: 'interface.swp1.100.ip', path: ['interface', 'swp1.100', 'ip'] },
    { location: 'vrf.red.router.static.10.0.0.0/8.via', path: ['vrf', 'red', 'router', 'static', '10.0.0.0/8', 'via'] },
    { location: '', path: [] },
  ])('places "$location"', ({ location, path }) => {
    const tree = {
      interface: { 'swp1.100': { ip: {} } },
      vrf: { red: { router: { static: { '10.0.0.0/8': { via: {} } } } } },
    };

    expect(locate(location, tree)).toEqual(path);
  });

  it.each([
    { json: { '12': { state: 'pending' } }, id: '12' },
    { json: { 'changeset/cumulus/2026': { state: 'pending' } }, id: 'changeset/cumulus/2026' },
    { json: { 'revision-id': 12 }, id: '12' },
    { json: '12', id: '12' },
    { json: 12, id: '12' },
    { json: { '12': {}, '13': {} }, id: undefined },
    { json: undefined, id: undefined },
    { json: {}, id: undefined },
  ])('names the new draft $id in $json', ({ json, id }) => {
    expect(parseCreatedId(json)).toBe(id);
  });

  it('is repeated without the secrets that were sent, also as parts of other text', () => {
    const redactor = createRedactor();
    redactor.learn({
      system: {
        aaa: { user: { cumulus: { password: 'canary-one' } } },
        'snmp-server': { 'readonly-community': { 'canary-two': { access: {} } } },
      },
      vrf: { default: { router: { bgp: { neighbor: { swp1: { password: 'canary-one-longer' } } } } } },
    });

    const text = redactor.text("canary-one-longer 'canary-one' canary-two $nvsec$0a1b $6$salt$hash/. swp1 user");

    expect(text).toBe("«secret» '«secret»' «secret» «secret» «secret» swp1 user");
  });
});
