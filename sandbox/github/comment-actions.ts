import { notFound, unprocessable } from './errors.ts';
import { pullAt, requireAuthor, requireRole } from './rules.ts';
import type { Account, Comment, GithubState } from './state.ts';

const LONGEST_COMMENT = 65_536;

export interface CommentActions {
  comment(by: Account, number: number, body: string): Comment;
  editComment(by: Account, id: number, body: string): Comment;
  deleteComment(by: Account, id: number): void;
}

export function createCommentActions(state: GithubState, now: () => number): CommentActions {
  function commentAt(id: number): Comment {
    const found = state.comments.find((candidate) => candidate.id === id);
    if (!found) throw notFound();
    return found;
  }

  function requireFit(body: string): void {
    if (body === '') throw unprocessable('body cannot be blank');
    if (body.length > LONGEST_COMMENT)
      throw unprocessable(`body is too long (maximum is ${LONGEST_COMMENT} characters)`);
  }

  return {
    comment(by, number, body) {
      requireRole(by, 'read');
      requireFit(body);
      const at = now();
      const made: Comment = {
        id: state.nextId(),
        pull: pullAt(state, number).number,
        author: by.login,
        body,
        createdAt: at,
        updatedAt: at,
      };
      state.comments.push(made);
      return made;
    },

    editComment(by, id, body) {
      const edited = commentAt(id);
      requireAuthor(by, edited.author);
      requireFit(body);
      edited.body = body;
      edited.updatedAt = now();
      return edited;
    },

    deleteComment(by, id) {
      const deleted = commentAt(id);
      requireAuthor(by, deleted.author);
      state.comments.splice(state.comments.indexOf(deleted), 1);
    },
  };
}
