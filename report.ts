/**
 * What `cnn-lineage/report` exports: texts, charts, sheets and pages of what was described, trained and evaluated.
 * @module
 */
export { describedText } from './src/describe/describe-text';
export { diffText } from './src/describe/diff-text';
export { drawNetwork } from './src/describe/draw/draw';
export { evaluationText } from './src/evaluate/evaluation-text';
export { chartSvg, type ChartSpec } from './src/report/charts/vega-chart';
export { drawLines, type LineChart, type Series } from './src/report/charts/line-chart';
export { compared, type ComparedRow, type Reported } from './src/report/compare';
export { comparedCsv, comparedMarkdown, comparedText } from './src/report/compare-text';
export { overview, overviewText, type OverviewRow } from './src/report/overview';
export { comparisonPage } from './src/report/page/page';
export type { PageData } from './src/report/page/page-data';
export { runPage } from './src/report/page/run/run-page';
export type { RunPageData, WrongImage } from './src/report/page/run/run-page-data';
export type { ConfusedPair, WrongAnswers } from './src/report/page/run/wrong-answers';
export { servePage, type PageServer, type PageServerOptions } from './src/report/page/server';
export { readReport, type ReportFile } from './src/report/report-file';
export { augmentedSamples, type Sample, type SamplesOptions } from './src/report/sheets/augmented-samples';
export { contactSheet } from './src/report/sheets/contact-sheet';
export { filtersSheet } from './src/report/sheets/filters-sheet';
export { openEventFile, type EventFile, type EventFileOptions } from './src/train/run/tensorboard';
export { inspectedDataText } from './src/workflows/data/inspect-data-text';
export {
  benchedDataText,
  evaluatedText,
  exportedText,
  featuresText,
  finetuneText,
  foundRateText,
  importedText,
  inspectedData,
  inspectedText,
  runText,
} from './src/workflows/result-texts';
export { benchText } from './src/report/bench/bench';
export { classificationText } from './src/evaluate/scores/classify';
export { diagnosisText } from './src/runtime/doctor';
export { gradientsText } from './src/describe/gradients/check-gradients';
export { publishedWeightsText } from './src/report/published-weights';
export { searchText } from './src/workflows/reproduce/search';
export { summaryText } from './src/workflows/reproduce/summary';
