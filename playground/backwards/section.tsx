/** What each section of this part is given. */
import type { OpenedModel, Seen } from '../model/opened';
import type { Picture } from '../picture/picture';
import type { Backward } from './backward';

/** What each section shows: a picture, and what came back of it. */
export interface SectionProps {
  readonly model: OpenedModel;
  readonly picture: Picture;
  readonly seen: Seen;
  readonly backward: Backward;
}
