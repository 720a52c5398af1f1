/** Groups networks with their variants. */
import type { Paper } from '../../../core/network';

interface Named {
  readonly name: string;
  readonly paper: Pick<Paper, 'lineage'>;
}

/** The network of which the named one is a variant, or the name itself. */
export function familyOf(name: string, networks: readonly Named[]): string {
  const found = networks.find((network) => network.name === name);
  return found?.paper.lineage.kind === 'variant' ? found.paper.lineage.network : name;
}

/** The networks that are not variants, in their order, each with its variants. */
export function families<N extends Named>(
  networks: readonly N[],
): readonly { readonly head: N; readonly variants: readonly N[] }[] {
  return networks
    .filter(({ paper }) => paper.lineage.kind !== 'variant')
    .map((head) => ({
      head,
      variants: networks.filter(
        ({ paper: { lineage } }) => lineage.kind === 'variant' && lineage.network === head.name,
      ),
    }));
}
