// Refuses schedules that say something of what comes after the training.
import { counted } from '../counted';
import { UserError } from '../errors';
import type { Schedule } from '../network';

/**
 * @param epochs of the whole training
 * @throws UserError for a schedule part of which comes after the training's end
 */
export function checkSchedule(schedule: Schedule, epochs: number): void {
  const late = lateIn(schedule, epochs);
  const all = counted(epochs, 'epoch');
  if (late) throw new UserError(`schedule: expected rates within a training of ${all}, found ${late}`);
}

/** The part that would never be reached, in words. */
function lateIn(schedule: Schedule, epochs: number): string | undefined {
  switch (schedule.kind) {
    case 'steps': {
      const late = schedule.steps.find(({ epoch }) => epoch >= epochs);
      return late && `a step at epoch ${late.epoch}, counted from 0`;
    }
    case 'staircase':
      return schedule.epochs >= epochs ? `a stair of ${schedule.epochs} epochs` : undefined;
    case 'plateau':
      return schedule.drops > 0 && schedule.patience >= epochs
        ? `a patience of ${schedule.patience} epochs`
        : undefined;
    case 'constant':
    case 'cosine':
    case 'polynomial':
    case 'inverse':
      return undefined;
    default:
      return schedule satisfies never;
  }
}
