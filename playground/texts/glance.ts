/** The texts of the part “Draw and look”. */
import type { Texts } from './language';

export const glance = {
  pad: { en: 'Draw a digit', zh: '画一个数字' },
  drawing: { en: 'Draw something', zh: '画点什么' },
  photo: { en: 'Show it a picture', zh: '给它看一张图片' },
  seenPhoto: {
    en: (height: number, width: number) =>
      `Cropped to ${height}×${width} and prepared as in training; the colours are stretched to be seen.`,
    zh: (height: number, width: number) =>
      `裁剪为 ${height}×${width}，并按训练时的方式预处理；为便于观看拉伸了颜色。`,
  },
  padHelp: {
    en: 'Draw with the mouse or a finger. By keyboard: arrow keys move the pen, the space bar sets it down and lifts it, Delete clears.',
    zh: '用鼠标或手指绘制。键盘：方向键移动画笔，空格键落笔或提笔，Delete 键清除。',
  },
  penAt: {
    en: (row: number, column: number, down: boolean) =>
      `Pen ${down ? 'down' : 'up'}, row ${row}, column ${column}`,
    zh: (row: number, column: number, down: boolean) =>
      `画笔${down ? '落下' : '提起'}，第 ${row} 行，第 ${column} 列`,
  },
  clear: { en: 'Clear', zh: '清除' },
  undo: { en: 'Undo', zh: '撤销' },
  seen: { en: 'What the network sees', zh: '网络看到的图像' },
  seenHelp: {
    en: (side: number) =>
      `Scaled to 20×20 and centred by its mass in 28×28, as MNIST was made (LeCun et al. 1998, §III.A); the network takes ${side}×${side}.`,
    zh: (side: number) =>
      `按 MNIST 的做法缩放到 20×20，再按质心置于 28×28 中央（LeCun 等 1998，§III.A）；网络的输入为 ${side}×${side}。`,
  },
  seenHelp1989: {
    en: 'Scaled to fill 16×16, its aspect ratio kept, as the digits of 1989 were (LeCun et al. 1989).',
    zh: '保持长宽比缩放至充满 16×16，与 1989 年的数字相同（LeCun 等 1989）。',
  },
  upload: { en: 'Open a picture', zh: '打开图片' },
  paste: { en: 'or paste one (Ctrl+V)', zh: '或粘贴图片（Ctrl+V）' },
  camera: { en: 'Camera', zh: '摄像头' },
  shoot: { en: 'Take the picture', zh: '拍照' },
  stopCamera: { en: 'Stop the camera', zh: '关闭摄像头' },
  noCamera: { en: 'No camera can be used: ', zh: '无法使用摄像头：' },
  noInk: { en: 'No digit is to be seen in that picture.', zh: '这张图片中看不到数字。' },
  notRead: { en: 'That is no picture that this browser can read.', zh: '浏览器无法读取这张图片。' },
  samples: { en: 'Samples', zh: '样本' },
  distorted: { en: 'Distorted', zh: '变形样本' },
  mistakes: { en: 'The test set’s worst mistakes', zh: '测试集中最严重的错误' },
  mistakesOf: { en: (source: string) => `of ${source}`, zh: (source: string) => `来自 ${source}` },
  digitButton: { en: (digit: number) => `a ${digit}`, zh: (digit: number) => `数字 ${digit}` },
  mistakeButton: {
    en: (digit: number, answer: number) => `a ${digit} taken for a ${answer}`,
    zh: (digit: number, answer: number) => `${digit} 被误认为 ${answer}`,
  },
  answer: { en: 'Answer', zh: '回答' },
  answerIs: { en: (label: string) => `It is a ${label}.`, zh: (label: string) => `这是 ${label}。` },
  second: {
    en: (label: string) => `Second: ${label}.`,
    zh: (label: string) => `其次：${label}。`,
  },
  empty: {
    en: 'The picture is empty: these are the answers to nothing.',
    zh: '图片是空的：以下是对空白的回答。',
  },
  took: {
    en: (milliseconds: string) => `All layers in ${milliseconds} ms.`,
    zh: (milliseconds: string) => `所有层总计用时 ${milliseconds} 毫秒。`,
  },
  distances: { en: 'Distances from the ten codes; the smallest wins', zh: '到十个编码的距离；最小者胜' },
  activations: { en: 'Activations; the largest wins', zh: '激活值；最大者胜' },
  probabilities: { en: 'Probabilities', zh: '概率' },
  margin: {
    en: (margin: string) => `Margin to the second: ${margin}.`,
    zh: (margin: string) => `与第二名的差距：${margin}。`,
  },
  rejection: {
    en: 'Rejected if the margin is below',
    zh: '若差距低于此值则拒识',
  },
  rejected: { en: 'It would be rejected.', zh: '将被拒识。' },
  accepted: { en: 'It would be accepted.', zh: '将被接受。' },
  layers: { en: 'The layers', zh: '各层' },
  layersHelp: {
    en: 'Point at a unit, or choose a map and move with the arrow keys: frames show what it sees in every layer below.',
    zh: '指向一个单元，或选择一个特征图后用方向键移动：方框标出它在下面各层中看到的区域。',
  },
  input: { en: 'Input', zh: '输入' },
  inputLine: {
    en: 'The image as the network takes it.',
    zh: '网络所接受的图像。',
  },
  map: {
    en: (layer: string, map: number) => `${layer}, map ${map}`,
    zh: (layer: string, map: number) => `${layer}，特征图 ${map}`,
  },
  vector: { en: (layer: string) => `${layer}, all units`, zh: (layer: string) => `${layer}，全部单元` },
  mapButton: {
    en: (layer: string, map: number, least: string, most: string) =>
      `${layer}, map ${map}: values from ${least} to ${most}`,
    zh: (layer: string, map: number, least: string, most: string) =>
      `${layer}，特征图 ${map}：取值 ${least} 至 ${most}`,
  },
  showAll: {
    en: (maps: number) => `Show all ${maps} maps`,
    zh: (maps: number) => `显示全部 ${maps} 个特征图`,
  },
  parameters: {
    en: (count: string) => `${count} parameters`,
    zh: (count: string) => `${count} 个参数`,
  },
  connections: {
    en: (count: string) => `${count} connections`,
    zh: (count: string) => `${count} 个连接`,
  },
  asInPaper: { en: 'as in the paper', zh: '与论文一致' },
  inPaper: { en: (count: string) => `the paper: ${count}`, zh: (count: string) => `论文：${count}` },
  unit: { en: 'The chosen unit', zh: '所选单元' },
  noUnit: { en: 'None is chosen: point at a map.', zh: '尚未选择：请指向某个特征图。' },
  layer: { en: 'Layer', zh: '层' },
  mapNumber: { en: 'Map', zh: '特征图' },
  row: { en: 'Row', zh: '行' },
  column: { en: 'Column', zh: '列' },
  unitNumber: { en: 'Unit', zh: '单元' },
  forget: { en: 'Choose none', zh: '取消选择' },
  field: {
    en: (height: number, width: number, top: number, left: number) =>
      `It sees ${height}×${width} of the input, from row ${top}, column ${left}.`,
    zh: (height: number, width: number, top: number, left: number) =>
      `它看到输入中 ${height}×${width} 的区域，始于第 ${top} 行第 ${left} 列。`,
  },
  patch: { en: 'Patch', zh: '图块' },
  kernel: { en: 'Kernel', zh: '卷积核' },
  products: { en: 'Products', zh: '乘积' },
  weights: { en: 'Weights', zh: '权重' },
  values: { en: 'Values', zh: '取值' },
  ofMap: {
    en: (layer: string, map: number, sum: string) => `${layer}, map ${map}: sum ${sum}`,
    zh: (layer: string, map: number, sum: string) => `${layer}，特征图 ${map}：和 ${sum}`,
  },
  ofVector: {
    en: (layer: string, sum: string) => `${layer}: sum ${sum}`,
    zh: (layer: string, sum: string) => `${layer}：和 ${sum}`,
  },
  bias: { en: 'bias', zh: '偏置' },
  coefficient: { en: 'coefficient', zh: '系数' },
  border: { en: 'border', zh: '边界' },
  sum: { en: 'sum', zh: '和' },
  winner: { en: 'The greatest value is handed on.', zh: '传递最大的值。' },
  mean: { en: 'The mean is handed on.', zh: '传递平均值。' },
  rest: {
    en: (count: number) => `the other ${count}`,
    zh: (count: number) => `其余 ${count} 个`,
  },
  curve: {
    en: 'The squashing function, and where this sum lies on it',
    zh: '压缩函数以及该和在曲线上的位置',
  },
  table: { en: 'Which maps each map reads', zh: '各特征图读取哪些特征图' },
  tableHelp: {
    en: 'Table I of LeCun et al. 1998, §II.B: a cross where a map of C3 (column) reads a map of S2 (row). Choose a column to light the maps it reads.',
    zh: 'LeCun 等 1998，§II.B 的表 I：叉号表示 C3 的特征图（列）读取 S2 的特征图（行）。选择一列即可点亮它读取的特征图。',
  },
  tableHelpOther: {
    en: 'A cross where a map of this layer (column) reads a map below (row). Choose a column to light the maps it reads.',
    zh: '叉号表示本层的特征图（列）读取下层的特征图（行）。选择一列即可点亮它读取的特征图。',
  },
  tableColumn: {
    en: (layer: string, map: number, maps: string) => `${layer}, map ${map} reads maps ${maps}`,
    zh: (layer: string, map: number, maps: string) => `${layer}，特征图 ${map} 读取特征图 ${maps}`,
  },
  codes: { en: 'F6 beside the ten codes', zh: 'F6 与十个编码的比较' },
  codesHelp: {
    en: 'The 84 states of F6 as a picture of 7×12, the bitmap of each class (LeCun et al. 1998, Fig. 3), and the squared differences cell by cell; their sum is the distance.',
    zh: '将 F6 的 84 个状态画成 7×12 的图，旁边是每一类的位图（LeCun 等 1998，图 3）及逐格的平方差；其总和即距离。',
  },
  state: { en: 'F6', zh: 'F6' },
  code: { en: (label: string) => `Code of ${label}`, zh: (label: string) => `${label} 的编码` },
  squares: {
    en: (label: string) => `Squared differences from ${label}`,
    zh: (label: string) => `与 ${label} 的平方差`,
  },
} as const satisfies Texts;
