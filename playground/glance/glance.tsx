/** Draw and look: the network at a glance. */
import type { PartProps } from '../app';

export function Glance({ model }: PartProps) {
  return <p>{model.name}</p>;
}
