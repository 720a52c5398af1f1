import { UserError } from '../errors';

/** A training's loss is no longer a finite number. Trained again, it would not be either. */
export class Diverged extends UserError {}
