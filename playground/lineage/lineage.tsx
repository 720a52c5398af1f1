/** The lineage: the map with a network’s card, and one digit through all networks of digits. */
import { useEffect, useState } from 'preact/hooks';
import { familyOf } from '../../src/report/page/parts/families';
import type { LineageData } from '../../src/workflows/weights/playground/page-data';
import type { PartProps } from '../app';
import { bytesOf, pageData } from '../model/embedded';
import { useSetting } from '../page-state';
import { useTexts } from '../texts/language';
import { lineage } from '../texts/lineage';
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

let unpacking: Promise<LineageData> | undefined;

/** All networks with counts, drawings and errors. */
function lineageData(): Promise<LineageData> {
  return (unpacking ??= unpacked(bytesOf(pageData().lineage)));
}

async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<LineageData> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(stream).json()) as LineageData;
}

/** The same for a part of the page; undefined until it is unpacked. */
function useLineage(): LineageData | undefined {
  const [data, setData] = useState<LineageData>();
  useEffect(() => void lineageData().then(setData), []);
  return data;
}
