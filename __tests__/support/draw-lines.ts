import { drawLines, type LineChart } from '../../src/report/charts/line-chart';

// Prints what the charts in its first argument are drawn as. vega consists of ES modules, of which one awaits at its
// top level: jest's sandbox cannot import them, so that tests draw in a process of their own.
const charts = JSON.parse(process.argv[2]!) as LineChart[];
void Promise.all(charts.map(drawLines)).then((drawn) => process.stdout.write(JSON.stringify(drawn)));
