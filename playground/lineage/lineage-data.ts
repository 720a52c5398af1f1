/** The lineage as the page brought it along, unpacked when it is first shown. */
import { useEffect, useState } from 'preact/hooks';
import type { LineageData } from '../../src/workflows/weights/playground/page-data';
import { bytesOf, pageData } from '../model/embedded';

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
export function useLineage(): LineageData | undefined {
  const [data, setData] = useState<LineageData>();
  useEffect(() => void lineageData().then(setData), []);
  return data;
}
