import { PointsmanError } from '../schemas/errors.ts';

/** A stored plan is not one, or is not the one its digest names. Nothing may be done on the strength of it. */
export class PlanUnreadableError extends PointsmanError {
  readonly code = 'PLANS_PLAN_UNREADABLE';
  readonly disposition = 'void-approval';
  readonly next = 'Nothing is done by this plan. A new one is made and has to be approved.';
  readonly details: {
    /** JSON pointer into the plan; empty for the plan as a whole. */
    readonly where: string;
    readonly problem: string;
  };

  constructor(details: PlanUnreadableError['details'], options?: ErrorOptions) {
    super(`the stored plan cannot be used: ${details.where === '' ? 'it' : details.where} ${details.problem}`, options);
    this.details = details;
  }
}
