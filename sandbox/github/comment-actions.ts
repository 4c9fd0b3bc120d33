import type { ActionDeps } from './branch-actions.ts';
import { type GithubRefusal, invalid, notFound } from './errors.ts';
import { requireAuthor, requireRole } from './rules.ts';
import { type Account, type Comment, REACTIONS, type Reaction } from './state.ts';

const LONGEST_COMMENT = 65_536;

export interface CommentActions {
  comment(by: Account, number: number, body: string): Comment;
  editComment(by: Account, id: number, body: string): Comment;
  deleteComment(by: Account, id: number): void;
  /** @returns The one there is when they reacted so already. */
  react(by: Account, comment: number, content: string): { readonly reaction: Reaction; readonly made: boolean };
}

export function createCommentActions({ state, now, happened }: ActionDeps): CommentActions {
  function commentAt(id: number): Comment {
    const found = state.comments.find((candidate) => candidate.id === id);
    if (!found) throw notFound();
    return found;
  }

  function requireFit(body: string): void {
    if (body === '') throw unfit('Body cannot be blank');
    if (body.length > LONGEST_COMMENT) throw unfit(`Body is too long (maximum is ${LONGEST_COMMENT} characters)`);
  }

  return {
    comment(by, number, body) {
      requireRole(by, 'read');
      const subject = [...state.pulls, ...state.issues].find((candidate) => candidate.number === number);
      if (!subject) throw notFound();
      requireFit(body);
      const at = now();
      const made: Comment = {
        id: state.nextId(),
        pull: number,
        author: by.login,
        body,
        createdAt: at,
        updatedAt: at,
      };
      state.comments.push(made);
      happened({ kind: 'issue_comment', action: 'created', by, comment: made });
      return made;
    },

    editComment(by, id, body) {
      const edited = commentAt(id);
      requireAuthor(by, edited.author);
      requireFit(body);
      const was = edited.body;
      edited.body = body;
      edited.updatedAt = now();
      edited.editedAt = now();
      happened({ kind: 'issue_comment', action: 'edited', by, comment: edited, was });
      return edited;
    },

    deleteComment(by, id) {
      const deleted = commentAt(id);
      requireAuthor(by, deleted.author);
      state.comments.splice(state.comments.indexOf(deleted), 1);
      happened({ kind: 'issue_comment', action: 'deleted', by, comment: deleted });
    },

    react(by, comment, content) {
      requireRole(by, 'read');
      const { id } = commentAt(comment);
      const known = REACTIONS.find((candidate) => candidate === content);
      if (!known) throw invalid({ resource: 'Reaction', field: 'content', code: 'invalid' });
      const given = state.reactions.find(
        (one) => one.comment === id && one.author === by.login && one.content === known,
      );
      if (given) return { reaction: given, made: false };
      const reaction: Reaction = { id: state.nextId(), comment: id, author: by.login, content: known, at: now() };
      state.reactions.push(reaction);
      return { reaction, made: true };
    },
  };
}

function unfit(message: string): GithubRefusal {
  return invalid({ resource: 'IssueComment', field: 'data', code: 'unprocessable', message });
}
