/** The texts of kernels, pooling and activation functions. */
import type { Texts } from './language';

export const kernels = {
  // The bench.
  bench: { en: 'A bench of kernels', zh: '卷积核实验台' },
  benchAbout: {
    en: 'The kernel is laid on every place of the picture; there, each weight is multiplied by the value under it, and the products are summed.',
    zh: '将卷积核依次放到图像的每个位置上，把重叠的数值相乘，再求和。',
  },
  source: { en: 'Picture', zh: '图像' },
  sourcePicture: { en: 'the digit, grey values from 0 to 1', zh: '数字图像，灰度值 0 到 1' },
  sourceInput: { en: 'what the network takes of it', zh: '网络实际接收的输入' },
  sourcePhoto: { en: 'a photo of mine, as grey from 0 to 1', zh: '我的照片，转为 0 到 1 的灰度' },
  photoFile: {
    en: 'Choose a photo, or drop it here; it stays on this device',
    zh: '选择照片，或拖放到此处；照片不会离开本设备',
  },
  photoFailed: {
    en: (why: string) => `This file is not a photo that the browser can read: ${why}`,
    zh: (why: string) => `浏览器无法将此文件读作照片：${why}`,
  },
  photoSize: {
    en: (from: string, to: string) => `${from}, shrunk to ${to}`,
    zh: (from: string, to: string) => `${from}，缩小为 ${to}`,
  },
  channel: { en: 'Channel', zh: '通道' },
  kernel: { en: 'Kernel', zh: '卷积核' },
  smoothing: { en: 'Smoothing', zh: '平滑' },
  edges: { en: 'Edges', zh: '边缘' },
  others: { en: 'Others', zh: '其他' },
  identity: { en: 'identity', zh: '恒等' },
  box: { en: 'box (mean)', zh: '均值（盒式）' },
  gaussian: { en: 'Gaussian', zh: '高斯' },
  sobelX: { en: 'Sobel x', zh: 'Sobel x' },
  sobelY: { en: 'Sobel y', zh: 'Sobel y' },
  sobelMagnitude: { en: 'Sobel, magnitude', zh: 'Sobel 梯度幅值' },
  prewittX: { en: 'Prewitt x', zh: 'Prewitt x' },
  prewittY: { en: 'Prewitt y', zh: 'Prewitt y' },
  prewittMagnitude: { en: 'Prewitt, magnitude', zh: 'Prewitt 梯度幅值' },
  laplacian: { en: 'Laplacian, 4 neighbours', zh: '拉普拉斯（4 邻域）' },
  laplacian8: { en: 'Laplacian, 8 neighbours', zh: '拉普拉斯（8 邻域）' },
  sharpen: { en: 'sharpen', zh: '锐化' },
  emboss: { en: 'emboss', zh: '浮雕' },
  own: { en: 'numbers of my own', zh: '自定义数值' },
  trained: {
    en: (layer: string) => `Trained: first layer, ${layer}`,
    zh: (layer: string) => `训练得到：首层 ${layer}`,
  },
  mapOf: {
    en: (layer: string, map: number) => `${layer}, map ${map}`,
    zh: (layer: string, map: number) => `${layer}，特征图 ${map}`,
  },
  about_identity: { en: '1 in the middle: the picture stays as it is.', zh: '仅中心为 1：图像保持不变。' },
  about_box: {
    en: 'Equal weights whose sum is 1: the mean of the window.',
    zh: '权重相等且和为 1：窗口的平均值。',
  },
  about_gaussian: {
    en: 'exp(−(x² + y²) / 2σ²), divided by the sum of all weights.',
    zh: 'exp(−(x² + y²) / 2σ²)，再除以全部权重之和。',
  },
  about_sobel: {
    en: 'A slope along one side, smoothed by 1 2 1 along the other (Sobel and Feldman 1968); larger ones as OpenCV has them.',
    zh: '沿一个方向求斜率，沿另一方向用 1 2 1 平滑（Sobel 与 Feldman，1968）；更大的尺寸与 OpenCV 相同。',
  },
  about_prewitt: {
    en: 'The slope of the plane that fits the window best, but for a factor (Prewitt 1970).',
    zh: '与窗口拟合最佳的平面的斜率（相差一个常数因子；Prewitt，1970）。',
  },
  about_magnitude: {
    en: 'The length of the gradient: √(gx² + gy²).',
    zh: '梯度的长度：√(gx² + gy²)。',
  },
  about_laplacian: {
    en: 'Each neighbour minus the middle, summed: 0 wherever the picture is flat or an even ramp.',
    zh: '各邻点减去中心值后求和：在平坦或均匀渐变处为 0。',
  },
  about_sharpen: { en: 'The picture less its Laplacian.', zh: '原图减去其拉普拉斯。' },
  about_emboss: {
    en: 'A slope along the diagonal added to the picture, as if light fell on a relief.',
    zh: '在原图上加上对角方向的斜率，如同光照在浮雕上。',
  },
  about_own: { en: 'Any numbers, up to 11×11.', zh: '任意数值，最大 11×11。' },
  about_trained: {
    en: (network: string) => `Learned by ${network} from its training images.`,
    zh: (network: string) => `由 ${network} 从训练图像中学得。`,
  },
  edit: { en: 'Change these numbers', zh: '修改这些数值' },
  size: { en: 'Size', zh: '尺寸' },
  sigma: { en: 'σ in pixels', zh: 'σ（像素）' },
  stride: { en: 'Stride', zh: '步幅' },
  padding: { en: 'Padding', zh: '填充' },
  paddingValid: { en: 'none (valid)', zh: '无（valid）' },
  paddingSame: { en: 'same', zh: 'same（输出与输入同尺寸）' },
  paddingWidth: { en: (width: number) => `${width} on each side`, zh: (width: number) => `每侧 ${width}` },
  border: { en: 'Value of the padding', zh: '填充值' },
  asLayer: { en: (layer: string) => `Set all as in ${layer}`, zh: (layer: string) => `按 ${layer} 的设置` },
  rows: { en: 'rows', zh: '行数' },
  columns: { en: 'columns', zh: '列数' },
  bothSides: { en: 'rows and columns', zh: '行数与列数' },
  floorIs: {
    en: 'Convolutions round down: what does not fill a window is left out.',
    zh: '卷积向下取整：不足一个窗口的部分被舍去。',
  },
  ceilIs: {
    en: 'The pooling of cuda-convnet and Caffe rounds up: the last window may hang over the edge.',
    zh: 'cuda-convnet 与 Caffe 的池化向上取整：最后一个窗口可以超出边缘。',
  },
  formulaIs: {
    en: 'n: side of the picture, p: padding, k: side of the kernel, s: stride.',
    zh: 'n：图像边长，p：填充，k：核的边长，s：步幅。',
  },
  doesNotFit: {
    en: 'The kernel is larger than the picture with its padding: there is no output.',
    zh: '卷积核大于填充后的图像：没有输出。',
  },
  turn: { en: 'The kernel is', zh: '卷积核' },
  correlation: { en: 'laid as it is written: correlation', zh: '按原样放置：互相关' },
  convolution: { en: 'turned by 180° first: convolution', zh: '先旋转 180°：卷积' },
  turnAbout: {
    en: 'Convolutional layers compute the correlation, here as in TensorFlow and PyTorch, and call it convolution. For a network it makes no difference: its weights are learned, and had it turned its kernels, it would have learned the same weights, turned. For a kernel written by hand it does, unless turning leaves the kernel as it is.',
    zh: '卷积层实际计算的是互相关（本项目、TensorFlow 与 PyTorch 皆如此），却习惯称作卷积。对网络而言两者等价：权重是学来的，若改用旋转后的核训练，只会学到旋转后的同样权重。对手写的核则不然，除非旋转 180° 后它不变。',
  },
  turnSame: {
    en: 'With this kernel both give the same here.',
    zh: '使用此核时，两者在此处结果相同。',
  },
  turnApart: {
    en: (most: string) => `With this kernel the two differ by up to ${most} here.`,
    zh: (most: string) => `使用此核时，两者在此处最多相差 ${most}。`,
  },
  input: { en: 'Picture', zh: '图像' },
  inputPadded: { en: 'Picture with its padding', zh: '含填充的图像' },
  kernelWritten: { en: 'Kernel', zh: '卷积核' },
  kernelTurned: { en: 'Kernel, turned by 180°', zh: '旋转 180° 后的卷积核' },
  output: { en: 'Output', zh: '输出' },
  mapSize: {
    en: (height: number, width: number) => `${height} × ${width}`,
    zh: (height: number, width: number) => `${height} × ${width}`,
  },
  pointAt: {
    en: 'Point at a value of the output, or move with the arrow keys, for its products.',
    zh: '将指针移到输出的某个值上，或用方向键移动，查看其乘积。',
  },
  pointAtPooled: {
    en: 'Point at a value of the pooled map, or move with the arrow keys, for its window.',
    zh: '将指针移到池化后的某个值上，或用方向键移动，查看其窗口。',
  },
  pointAtUnit: {
    en: 'Point at a value, or move with the arrow keys.',
    zh: '将指针移到某个值上，或用方向键移动。',
  },
  mapLabel: {
    en: (what: string, height: number, width: number, least: string, most: string) =>
      `${what}: ${height} by ${width} values from ${least} to ${most}`,
    zh: (what: string, height: number, width: number, least: string, most: string) =>
      `${what}：${height} × ${width} 个值，从 ${least} 到 ${most}`,
  },
  asNumbers: { en: 'All values as numbers', zh: '以数字显示全部值' },
  products: {
    en: (row: number, column: number) => `The output in row ${row}, column ${column}`,
    zh: (row: number, column: number) => `第 ${row} 行、第 ${column} 列的输出`,
  },
  fromZero: { en: 'Rows and columns count from 0.', zh: '行、列均从 0 开始计数。' },
  patch: { en: 'Values under the kernel', zh: '核下的数值' },
  windowValues: { en: 'Values of the window', zh: '窗口内的数值' },
  product: { en: 'Products', zh: '乘积' },
  sumOfProducts: { en: 'sum of the products', zh: '乘积之和' },
  bias: { en: 'bias', zh: '偏置' },
  gradientX: { en: 'gx', zh: 'gx' },
  gradientY: { en: 'gy', zh: 'gy' },
  biasesLeftOut: {
    en: 'This layer has a bias for each of its units. The output has another size than the layer’s, so they are left out.',
    zh: '该层每个单元各有一个偏置。此处输出尺寸与该层不同，故未加偏置。',
  },
  oneChannel: {
    en: (channels: number) =>
      `The layer sums over ${channels} channels; this is the share of one of them, with the bias.`,
    zh: (channels: number) => `该层对 ${channels} 个通道求和；此处仅为其中一个通道的部分，并加上偏置。`,
  },
  sameAsLayer: {
    en: (layer: string, most: string) => `Largest difference from what ${layer} itself computed: ${most}`,
    zh: (layer: string, most: string) => `与 ${layer} 自身计算结果的最大差：${most}`,
  },
  weightAt: {
    en: (row: number, column: number) => `Weight in row ${row}, column ${column}`,
    zh: (row: number, column: number) => `第 ${row} 行、第 ${column} 列的权重`,
  },

  // Pooling.
  pooling: { en: 'Pooling', zh: '池化' },
  poolingAbout: {
    en: 'Each window of a map becomes one value: the map shrinks, and where exactly something lay matters less.',
    zh: '特征图的每个窗口变成一个值：图变小，特征的确切位置变得不那么重要。',
  },
  map: { en: 'Map', zh: '特征图' },
  mapPicture: { en: 'the digit, from 0 to 1', zh: '数字图像，0 到 1' },
  mapBench: { en: 'the output of the bench above', zh: '上方实验台的输出' },
  poolKind: { en: 'Pooling', zh: '池化方式' },
  maximum2: { en: 'maximum, 2×2, stride 2', zh: '最大池化，2×2，步幅 2' },
  average2: { en: 'average, 2×2, stride 2', zh: '平均池化，2×2，步幅 2' },
  subsampling: {
    en: (layer: string) => `trained sub-sampling, as ${layer} of the network`,
    zh: (layer: string) => `可训练下采样，即网络的 ${layer} 层`,
  },
  noSubsampling: {
    en: 'trained sub-sampling (only of a map of a network that has it)',
    zh: '可训练下采样（仅适用于具有该层的网络的特征图）',
  },
  maximum3: {
    en: 'overlapping maximum, 3×3, stride 2 (AlexNet, §3.4)',
    zh: '重叠最大池化，3×3，步幅 2（AlexNet §3.4）',
  },
  average3: { en: 'overlapping average, 3×3, stride 2', zh: '重叠平均池化，3×3，步幅 2' },
  about_maximum: {
    en: 'The greatest value of the window wins; the others leave no trace.',
    zh: '窗口中最大的值胜出；其余的值不留痕迹。',
  },
  about_overlap: {
    en: 'Neighbouring windows share a row or a column, since the stride is less than the size; on ImageNet this lowered the top-1 and top-5 error rates by 0.4 % and 0.3 % (Krizhevsky et al. 2012, §3.4).',
    zh: '步幅小于窗口边长，相邻窗口共用一行或一列；在 ImageNet 上，top-1 与 top-5 错误率因此分别降低 0.4 % 与 0.3 %（Krizhevsky 等，2012，§3.4）。',
  },
  about_average: { en: 'The mean of the window’s values.', zh: '窗口内数值的平均值。' },
  about_trained_pool: {
    en: 'The sum of the window, times a coefficient, plus a bias, both learned for each map; then squashed (LeCun et al. 1998, §II.B).',
    zh: '窗口之和乘以一个系数再加一个偏置，两者均按特征图学得；随后经过压缩函数（LeCun 等，1998，§II.B）。',
  },
  edge: { en: 'At the edge', zh: '边缘处理' },
  edgeFloor: { en: 'leave the rest out (floor)', zh: '舍去剩余部分（向下取整）' },
  edgeCeil: { en: 'let windows hang over (ceil)', zh: '允许窗口超出（向上取整）' },
  squashedToo: { en: 'squash the result', zh: '对结果施加压缩函数' },
  pooled: { en: 'Pooled map', zh: '池化后的图' },
  window: {
    en: (row: number, column: number) => `The window of the output in row ${row}, column ${column}`,
    zh: (row: number, column: number) => `第 ${row} 行、第 ${column} 列输出的窗口`,
  },
  wins: { en: '★ won', zh: '★ 胜出' },
  maximum: { en: 'maximum', zh: '最大值' },
  sum: { en: 'sum', zh: '和' },
  mean: { en: 'mean', zh: '平均值' },
  coefficient: { en: 'coefficient', zh: '系数' },
  beforeSquashing: { en: 'sum × coefficient + bias', zh: '和 × 系数 + 偏置' },
  afterSquashing: { en: 'squashed', zh: '压缩后' },
  cutOff: {
    en: 'The window hangs over the edge: only what is inside counts.',
    zh: '窗口超出边缘：只计算图内的部分。',
  },
  shift: { en: 'A shift by one pixel', zh: '平移一个像素' },
  shiftAbout: {
    en: 'The map moves by one pixel, and the row or column that becomes free repeats the edge. Both are coloured by one scale.',
    zh: '特征图平移一个像素，空出的一行或一列重复边缘的值。前后使用同一色标。',
  },
  shiftTo: { en: 'Move the map', zh: '移动方向' },
  left: { en: '← left', zh: '← 向左' },
  right: { en: '→ right', zh: '→ 向右' },
  up: { en: '↑ up', zh: '↑ 向上' },
  down: { en: '↓ down', zh: '↓ 向下' },
  pooledBefore: { en: 'Pooled, before', zh: '池化（平移前）' },
  pooledAfter: { en: 'Pooled, after', zh: '池化（平移后）' },
  difference: { en: 'After less before', zh: '后减前' },
  changed: { en: 'Values that changed', zh: '发生变化的值' },
  largestChange: { en: 'Largest change', zh: '最大变化' },
  meanChange: { en: 'Mean change', zh: '平均变化' },
  changeOfMap: { en: 'the map itself', zh: '特征图本身' },
  changeOfPooled: { en: 'the pooled map', zh: '池化后的图' },
  whatChanged: { en: 'What changed', zh: '变化量' },

  // Activation functions.
  activations: { en: 'Activation functions', zh: '激活函数' },
  activationsAbout: {
    en: 'A function of one variable is applied to every sum of a map: it bends what would otherwise stay linear.',
    zh: '对特征图的每个加权和施加同一个一元函数：没有它，整个网络仍是线性的。',
  },
  sumsOf: {
    en: (layer: string, map: number) => `sums of ${layer}, map ${map}`,
    zh: (layer: string, map: number) => `${layer} 的加权和，特征图 ${map}`,
  },
  squashing: { en: 'Function', zh: '函数' },
  logistic: { en: 'logistic: 1 / (1 + e⁻ᵃ)', zh: '逻辑函数：1 / (1 + e⁻ᵃ)' },
  tanh: { en: 'tanh a', zh: 'tanh a' },
  scaledTanh: { en: 'scaled tanh: 1.7159 tanh(2a/3)', zh: '缩放 tanh：1.7159 tanh(2a/3)' },
  relu: { en: 'ReLU: max(0, a)', zh: 'ReLU：max(0, a)' },
  about_logistic: {
    en: 'Between 0 and 1; flat, and so slow to learn, at both ends.',
    zh: '取值在 0 与 1 之间；两端平坦，因此学习缓慢。',
  },
  about_tanh: { en: 'Between −1 and 1, and 0 at 0.', zh: '取值在 −1 与 1 之间，在 0 处为 0。' },
  about_scaledTanh: {
    en: 'f(±1) = ±1, and most curved there (LeCun et al. 1998, Appendix A).',
    zh: 'f(±1) = ±1，且在该处弯曲最大（LeCun 等，1998，附录 A）。',
  },
  about_relu: {
    en: 'Cuts negative sums off; its slope is 1 above 0, however large the sum (Krizhevsky et al. 2012, §3.1).',
    zh: '截去负的和；大于 0 时斜率恒为 1，无论和多大（Krizhevsky 等，2012，§3.1）。',
  },
  curve: {
    en: (name: string, least: string, most: string) =>
      `Curve of ${name}; the map’s sums lie between ${least} and ${most}`,
    zh: (name: string, least: string, most: string) =>
      `${name} 的曲线；特征图的和介于 ${least} 与 ${most} 之间`,
  },
  curveRange: {
    en: 'Thick: where the sums of this map lie. Dot: the value that is chosen.',
    zh: '粗线：此特征图的和所在的范围。圆点：所选的值。',
  },
  before: { en: 'Before', zh: '之前' },
  after: { en: 'After', zh: '之后' },
  histogramBefore: { en: 'Histogram before', zh: '之前的直方图' },
  histogramAfter: { en: 'Histogram after', zh: '之后的直方图' },
  histogramLabel: {
    en: (bins: number, least: string, most: string, highest: number) =>
      `Histogram of ${bins} bins from ${least} to ${most}; the fullest has ${highest} values`,
    zh: (bins: number, least: string, most: string, highest: number) =>
      `直方图，${bins} 个区间，从 ${least} 到 ${most}；最多的区间有 ${highest} 个值`,
  },
  fullest: { en: (count: number) => `fullest bin: ${count}`, zh: (count: number) => `最多的区间：${count}` },
  counts: { en: 'The counts', zh: '各区间计数' },
  bin: { en: 'Bin', zh: '区间' },
  count: { en: 'Values', zh: '个数' },
  unitValue: {
    en: (row: number, column: number) => `Row ${row}, column ${column}`,
    zh: (row: number, column: number) => `第 ${row} 行，第 ${column} 列`,
  },
  normalisation: { en: 'Local response normalisation', zh: '局部响应归一化' },
  normalisationAbout: {
    en: 'b = a / (k + α Σ aⱼ²)^β: a unit is damped by the units at its place in the n maps around its own (Krizhevsky et al. 2012, §3.3). The a are the sums of all maps after the function above.',
    zh: 'b = a / (k + α Σ aⱼ²)^β：一个单元受到相邻 n 个特征图中同一位置单元的抑制（Krizhevsky 等，2012，§3.3）。a 为各特征图的和经上方函数后的值。',
  },
  paperConstants: { en: 'The paper’s constants', zh: '论文中的常数' },
  noLayer: {
    en: 'This network has no convolution that the bench could take apart.',
    zh: '此网络没有可供实验台拆解的卷积层。',
  },
  sumOfSquares: { en: 'Σ aⱼ²', zh: 'Σ aⱼ²' },
  divisor: { en: '(k + α Σ aⱼ²)^β', zh: '(k + α Σ aⱼ²)^β' },
  mapNumber: { en: 'map j', zh: '特征图 j' },
} as const satisfies Texts;
