import { describe, expect, it } from 'vitest';
import { decidePaused } from '../../reconciler/kill-switch.ts';
import type { Automation } from '../../schemas/fleet.ts';

const about = { workflow: 'ConfigurationDeploy', sites: ['ams1', 'ams2'] };
const says = (value: Automation) => decidePaused({ kind: 'known', value }, about);

describe('decidePaused()', () => {
  it('says nothing where the file says nothing, or that it is not', () => {
    expect(says({})).toBeUndefined();
    expect(says({ paused: false, sites: { ams1: { paused: false } } })).toBeUndefined();
  });

  it('holds everything, with the reason and where it is said', () => {
    expect(says({ paused: true, reason: 'storm' })).toEqual({ reason: 'storm', where: 'automation.yaml' });
  });

  it('holds what is about a site that is held, whatever its other sites', () => {
    expect(says({ sites: { ams2: { paused: true, reason: 'move' } } })).toEqual({
      reason: 'move',
      where: 'automation.yaml (site ams2)',
    });
    expect(says({ sites: { fra1: { paused: true, reason: 'move' } } })).toBeUndefined();
  });

  it('holds by no site where it is not known which sites it is about', () => {
    const value = { sites: { ams1: { paused: true, reason: 'move' } } };

    expect(decidePaused({ kind: 'known', value }, { ...about, sites: undefined })).toBeUndefined();
  });

  it('holds a workflow', () => {
    expect(says({ workflows: { ConfigurationDeploy: { paused: true, reason: 'audit' } } })).toEqual({
      reason: 'audit',
      where: 'automation.yaml (workflow ConfigurationDeploy)',
    });
    expect(says({ workflows: { DriftCheck: { paused: true, reason: 'audit' } } })).toBeUndefined();
  });

  it('holds everything where the file cannot be read, and says why', () => {
    expect(decidePaused({ kind: 'unknown', why: 'line 3 is no YAML' }, about)).toEqual({
      reason: 'what it says is not known: line 3 is no YAML',
      where: 'automation.yaml',
    });
  });

  it('takes no name that objects have by themselves for a site', () => {
    expect(
      decidePaused({ kind: 'known', value: { sites: {} } }, { ...about, sites: ['constructor', '__proto__'] }),
    ).toBeUndefined();
  });
});
