import type { Clock } from '../schemas/clock.ts';
import { type ConditionalCache, createConditionalCache } from './conditional-cache.ts';
import { createPace, type Pace } from './pace.ts';

/** What outlives a pass: what was answered before, and how long GitHub wants to be left alone. */
export interface GithubMemory {
  readonly answers: ConditionalCache;
  readonly pace: Pace;
}

export function createGithubMemory(clock: Clock): GithubMemory {
  return { answers: createConditionalCache(), pace: createPace(clock) };
}
