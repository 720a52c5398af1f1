/** The lineage: the map with a network’s card, and one digit through all networks of digits. */
import { familyOf } from '../../src/report/page/parts/families';
import type { PartProps } from '../app';
import { useSetting } from '../page-state';
import { useTexts } from '../texts/language';
import { lineage } from '../texts/lineage';
import { useLineage } from './lineage-data';
import { MapOfDescent } from './map';
import { NetworkCard } from './network-card';
import { SameDigit } from './same-digit';

export function LineagePart({ model, picture }: PartProps) {
  const texts = useTexts(lineage);
  const data = useLineage();
  const [asked, choose] = useSetting('lineage.network', model.trained.network);
  if (!data) return <p role="status">{texts.unpacking}</p>;
  const { networks, hasRuns } = data;
  const entry = networks.find(({ network }) => network === asked) ?? networks[0]!;
  const named = networks.map((each) => ({ name: each.network, paper: each }));
  const head = familyOf(entry.network, named);
  const family = networks.map(({ network }) => network).filter((name) => familyOf(name, named) === head);
  return (
    <>
      <h2>{texts.map}</h2>
      <p>{texts.mapAbout}</p>
      <div class="lineage">
        <MapOfDescent networks={networks} chosen={head} onChoose={choose} />
        <NetworkCard key={entry.network} {...{ entry, family, hasRuns }} onChoose={choose} />
      </div>
      <SameDigit picture={picture} />
    </>
  );
}
