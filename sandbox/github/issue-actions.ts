import type { ActionDeps } from './branch-actions.ts';
import { invalid, notFound } from './errors.ts';
import { requireAuthor, requireRole } from './rules.ts';
import type { Account, Issue } from './state.ts';

export interface IssueActions {
  openIssue(by: Account, order: { readonly title: string; readonly body: string }): Issue;
  editIssue(
    by: Account,
    number: number,
    change: {
      readonly title?: string;
      readonly body?: string;
      readonly state?: Issue['state'];
      readonly stateReason?: string;
    },
  ): Issue;
}

export function createIssueActions({ state, now }: ActionDeps): IssueActions {
  return {
    openIssue(by, { title, body }) {
      requireRole(by, 'read');
      if (title === '') throw invalid({ resource: 'Issue', field: 'title', code: 'missing_field' });
      const at = now();
      const opened: Issue = {
        id: state.nextId(),
        number: state.nextNumber(),
        title,
        body,
        author: by.login,
        state: 'open',
        stateReason: null,
        createdAt: at,
        updatedAt: at,
      };
      state.issues.push(opened);
      return opened;
    },

    editIssue(by, number, { title, body, state: wanted, stateReason }) {
      const edited = state.issues.find((candidate) => candidate.number === number);
      if (!edited) throw notFound();
      requireAuthor(by, edited.author);
      if (title !== undefined) edited.title = title;
      if (body !== undefined) edited.body = body;
      edited.updatedAt = now();
      if (wanted === 'closed' && edited.state === 'open') {
        edited.state = 'closed';
        edited.stateReason = stateReason ?? 'completed';
        edited.closedAt = now();
        edited.closedBy = by.login;
      }
      if (wanted === 'open' && edited.state === 'closed') {
        edited.state = 'open';
        edited.stateReason = 'reopened';
        delete edited.closedAt;
        delete edited.closedBy;
      }
      return edited;
    },
  };
}
