/** The texts of the part that sends the loss back through a network. */
import type { Texts } from './language';

export const backwards = {
  intro: {
    en: 'Training asks one thing of every number in the network: if it were a little larger, would the loss grow or shrink, and how fast? Here this is asked of one picture, and the answers are shown from the loss back to the pixels.',
    zh: '训练时要对网络中的每一个数问同一个问题：它若稍稍变大，损失会变大还是变小，变得多快？这里针对一张图片来问，并从损失一路回到像素，展示每个答案。',
  },
  jump: { en: 'On this page', zh: '本页内容' },
  failed: { en: 'This could not be computed: ', zh: '无法计算：' },
  computing: { en: 'Computing …', zh: '正在计算……' },
  blue: {
    en: 'Orange is positive: if the number grows, the loss grows. Blue is negative: if it grows, the loss shrinks. White is 0.',
    zh: '橙色为正：该数增大，损失也增大；蓝色为负：该数增大，损失减小；白色为 0。',
  },

  // Target and loss
  lossTitle: { en: 'The target and the loss', zh: '目标与损失' },
  target: { en: 'The answer should be', zh: '应当回答' },
  picture: { en: 'the picture', zh: '图片' },
  another: {
    en: 'Another picture (your own you draw under “Draw and look”)',
    zh: '换一张图片（可在“绘制与观察”中自己绘制）',
  },
  answers: {
    en: (answer: string) => `The network answers ${answer}.`,
    zh: (answer: string) => `网络的回答是 ${answer}。`,
  },
  isLabel: {
    en: (label: string) => `The picture shows a ${label}.`,
    zh: (label: string) => `图片中的数字是 ${label}。`,
  },
  lossIs: { en: 'Loss', zh: '损失' },
  rbfPenalty: {
    en: 'The output unit of class i is the squared distance yᵢ from the code of that class. The loss wants the target’s distance small, and all others large (LeCun et al. 1998, eq. 9); the constant j keeps distances that are large already from counting.',
    zh: '类别 i 的输出单元给出到该类编码的平方距离 yᵢ。损失要求目标类的距离小，其他类的距离大（LeCun 等，1998，式 9）；常数 j 使已经足够大的距离不再起作用。',
  },
  rbfPenaltyAlone: {
    en: 'The output unit of class i is the squared distance yᵢ from the code of that class; the loss is the target’s distance (LeCun et al. 1998, eq. 8).',
    zh: '类别 i 的输出单元给出到该类编码的平方距离 yᵢ；损失就是目标类的距离（LeCun 等，1998，式 8）。',
  },
  squaredError: {
    en: 'Each output unit has a target t: one value for the class that should be answered, another for the rest. The loss is half the sum of the squared differences.',
    zh: '每个输出单元都有目标值 t：应答类别取一个值，其余类别取另一个值。损失是差的平方和的一半。',
  },
  softmaxCrossEntropy: {
    en: 'The softmax turns the scores z into probabilities p; the loss is the negative logarithm of the target’s.',
    zh: 'softmax 把得分 z 变为概率 p；损失是目标类概率的负对数。',
  },
  dropout: {
    en: 'In training this network drops units at random: the loss and its derivatives here are those of one such draw.',
    zh: '该网络在训练时会随机丢弃单元（dropout）：这里的损失和导数对应其中一次随机丢弃。',
  },
  randomHeads: {
    en: 'Auxiliary heads whose weights the file did not have are random, so they do not count here: their derivatives are 0.',
    zh: '文件中没有权重的辅助分类器是随机的，因此这里不计入：其导数为 0。',
  },
  auxiliary: {
    en: 'The auxiliary heads add to the loss in training:',
    zh: '训练时辅助分类器也计入损失：',
  },
  class: { en: 'Class', zh: '类别' },
  distance: { en: 'Distance y', zh: '距离 y' },
  activation: { en: 'Output s', zh: '输出 s' },
  logit: { en: 'Score z', zh: '得分 z' },
  wantedValue: { en: 'Target t', zh: '目标值 t' },
  probability: { en: 'Probability p', zh: '概率 p' },
  scoreSlope: { en: 'Derivative of the loss', zh: '损失的导数' },
  isTarget: { en: 'target', zh: '目标' },

  // Sensitivities
  deltasTitle: { en: 'The sensitivities δ of every layer', zh: '每一层的敏感度 δ' },
  deltasAbout: {
    en: 'Bouvrie’s notes (2006) call δ = ∂E/∂u the sensitivity of a unit: u is its weighted sum, before it is squashed. The network here has a layer for each of the two: C1 of LeNet-5, say, computes the sums u, and C1/tanh squashes them to the states x. So the δ of C1 is the derivative with respect to what C1 gives, before its tanh. Press a unit for its number.',
    zh: 'Bouvrie 的讲义（2006）把 δ = ∂E/∂u 称为单元的敏感度：u 是单元在激活之前的加权和。本页的网络把两步分成两层：例如 LeNet-5 的 C1 计算加权和 u，C1/tanh 再把它压缩成状态 x。因此 C1 的 δ 是对 C1 输出（tanh 之前）的导数。点击一个单元可查看它的数值。',
  },
  everyLayer: { en: 'Also the layers that only squash', zh: '也显示只做激活的层' },
  ofSums: { en: 'δ = ∂E/∂u, of the sums', zh: 'δ = ∂E/∂u，对加权和' },
  ofStates: { en: '∂E/∂x, of the states', zh: '∂E/∂x，对状态' },
  ofScores: { en: '∂E/∂y, of the scores', zh: '∂E/∂y，对输出' },
  ofImage: { en: '∂E/∂x, of the picture', zh: '∂E/∂x，对图片' },
  mapsOf: {
    en: (maps: number, height: number, width: number) =>
      `${maps} ${maps === 1 ? 'map' : 'maps'} of ${height}×${width}`,
    zh: (maps: number, height: number, width: number) => `${maps} 个 ${height}×${width} 的特征图`,
  },
  unitsOf: { en: (units: number) => `${units} units`, zh: (units: number) => `${units} 个单元` },
  firstMaps: {
    en: (shown: number, maps: number) => `the first ${shown} of ${maps} maps`,
    zh: (shown: number, maps: number) => `${maps} 个特征图中的前 ${shown} 个`,
  },
  mapLabel: {
    en: (layer: string, map: number) => `${layer}, map ${map}: derivatives of the loss`,
    zh: (layer: string, map: number) => `${layer}，第 ${map} 号特征图：损失的导数`,
  },
  vectorLabel: {
    en: (layer: string) => `${layer}, its units row by row: derivatives of the loss`,
    zh: (layer: string) => `${layer} 的各单元，逐行排列：损失的导数`,
  },
  counting: { en: 'Maps, rows and columns count from 0.', zh: '特征图、行、列均从 0 开始计数。' },
  chain: {
    en: 'By the chain rule, δ = f′(u) · ∂E/∂x:',
    zh: '由链式法则，δ = f′(u) · ∂E/∂x：',
  },
  chainWith: {
    en: 'with f′(u) = 1.7159 · ⅔ · (1 − tanh²(⅔u)), the slope of the squashing function there',
    zh: '其中 f′(u) = 1.7159 · ⅔ · (1 − tanh²(⅔u))，是激活函数在该处的斜率',
  },

  // Kernels
  kernelsTitle: { en: 'The gradients of the kernels', zh: '卷积核的梯度' },
  kernelsAbout: {
    en: 'A kernel is used at every position of its map, so the derivative of one of its weights is a sum over all positions: of δ there, times the value that the weight was multiplied with. Each kernel stands beside its gradient. Press a weight for its numbers.',
    zh: '卷积核用于特征图的每个位置，因此其中一个权重的导数是对所有位置求和：该处的 δ 乘以与此权重相乘的输入值。每个卷积核与它的梯度并排显示。点击一个权重可查看数值。',
  },
  layer: { en: 'Layer', zh: '层' },
  map: { en: 'Map', zh: '特征图' },
  unit: { en: 'Unit', zh: '单元' },
  weights: { en: 'weights', zh: '权重' },
  gradients: { en: 'gradients', zh: '梯度' },
  reads: { en: (map: number) => `reads map ${map}`, zh: (map: number) => `读取特征图 ${map}` },
  ofMap: { en: (map: number) => `map ${map}`, zh: (map: number) => `特征图 ${map}` },
  ofUnit: { en: (unit: number) => `unit ${unit}`, zh: (unit: number) => `单元 ${unit}` },
  kernel: { en: 'kernel', zh: '卷积核' },
  bias: { en: 'bias', zh: '偏置' },
  coefficient: { en: 'coefficient', zh: '系数' },
  combination: { en: 'combination', zh: '组合系数' },
  at: {
    en: (row: number, column: number) => `row ${row}, column ${column}`,
    zh: (row: number, column: number) => `第 ${row} 行，第 ${column} 列`,
  },
  listed: {
    en: (parts: readonly string[]) => parts.join(', '),
    zh: (parts: readonly string[]) => parts.join('，'),
  },
  sliceLabel: {
    en: (what: string, which: string) => `${what} of ${which}`,
    zh: (what: string, which: string) => `${which}的${what}`,
  },

  // Update
  updateTitle: { en: 'One update, step by step', zh: '一次更新，逐步展开' },
  updateAbout: {
    en: 'Gradient descent takes a small step against the gradient: w ← w − ε ∂E/∂w, for all weights at once. What follows happens to a copy of the weights; the network of the other parts stays as it is.',
    zh: '梯度下降沿梯度的反方向迈一小步：对所有权重同时做 w ← w − ε ∂E/∂w。以下操作只作用于权重的副本，页面其他部分的网络不变。',
  },
  plainStep: {
    en: 'This is plain descent on one picture; in training, batches of pictures share a step, with momentum.',
    zh: '这里是针对单张图片的普通梯度下降；实际训练时一批图片共用一步，并带有动量。',
  },
  rate: { en: 'Learning rate ε', zh: '学习率 ε' },
  theWeight: { en: 'The weight that is chosen above', zh: '上面选中的权重' },
  stepGradient: { en: 'Its derivative, from the backward pass:', zh: '反向传播给出它的导数：' },
  stepScaled: { en: 'Times the rate:', zh: '乘以学习率：' },
  stepMoved: { en: 'Taken from the weight:', zh: '从权重中减去：' },
  stepAll: {
    en: (count: string) =>
      `All ${count} weights take such a step. If the loss were a plane, it would change by −ε‖∇E‖²:`,
    zh: (count: string) => `全部 ${count} 个权重都这样走一步。若损失是一个平面，它将改变 −ε‖∇E‖²：`,
  },
  apply: { en: 'Apply to the copy', zh: '应用到副本' },
  reset: { en: 'Reset the copy', zh: '重置副本' },
  step: { en: 'Step', zh: '步' },
  stepOf: { en: (step: number) => `Step ${step}`, zh: (step: number) => `第 ${step} 步` },
  lossBefore: { en: 'Loss before', zh: '更新前的损失' },
  predicted: { en: 'Predicted change', zh: '预测的变化' },
  actual: { en: 'Actual change', zh: '实际的变化' },
  lossAfter: { en: 'Loss after', zh: '更新后的损失' },
  ratio: { en: 'Actual / predicted', zh: '实际 / 预测' },
  overshoot: {
    en: 'The loss is no plane: the smaller the rate, the nearer the two changes. A rate that is too large can make the loss grow.',
    zh: '损失并不是平面：学习率越小，两种变化越接近；学习率过大时，损失反而可能增大。',
  },
  copyAnswers: {
    en: (answer: string) => `The copy now answers ${answer}.`,
    zh: (answer: string) => `副本现在的回答是 ${answer}。`,
  },

  // The picture
  pixelsTitle: { en: 'Which pixels matter', zh: '哪些像素起作用' },
  pixelsAbout: {
    en: 'Two answers to this question. The input gradient says how the loss reacts to an infinitely small change of each pixel. Occlusion covers a part of the picture with a square, and sees what really changes.',
    zh: '对这个问题有两种回答。输入梯度说明损失对每个像素无穷小变化的反应；遮挡法则用一个方块盖住图片的一部分，看看实际上改变了什么。',
  },
  asSeen: { en: 'As the network sees it', zh: '网络看到的图片' },
  inputGradient: { en: 'Input gradient ∂E/∂x', zh: '输入梯度 ∂E/∂x' },
  occlusion: { en: 'Occlusion: the change with the square there', zh: '遮挡：方块在该处时的变化' },
  square: { en: 'Square', zh: '方块' },
  squareOf: { en: (side: number) => `${side}×${side} pixels`, zh: (side: number) => `${side}×${side} 像素` },
  cover: { en: 'Colour', zh: '颜色' },
  black: { en: 'black', zh: '黑' },
  grey: { en: 'grey', zh: '灰' },
  white: { en: 'white', zh: '白' },
  measure: { en: 'What changes', zh: '考察的量' },
  measureLoss: { en: 'the loss', zh: '损失' },
  measureDistances: { en: 'the target’s distance', zh: '目标类的距离' },
  measureActivations: { en: 'the target’s output', zh: '目标类的输出' },
  measureLogits: { en: 'the target’s score', zh: '目标类的得分' },
  sliding: {
    en: (done: number, all: number) => `Sliding the square: ${done} of ${all} places`,
    zh: (done: number, all: number) => `正在移动方块：${all} 个位置中已完成 ${done} 个`,
  },
  slid: {
    en: (flips: number, all: number) =>
      `With the square at ${flips} of the ${all} places, the network answers something else.`,
    zh: (flips: number, all: number) => `在 ${all} 个位置中，有 ${flips} 个位置放上方块后网络会改变回答。`,
  },
  tooLarge: {
    en: (places: string) =>
      `Occlusion is left out here: it takes one pass for each of the ${places} pixels, which would last hours with this network.`,
    zh: (places: string) => `此处略去遮挡法：它要为 ${places} 个像素各做一次前向计算，这个网络需要数小时。`,
  },
  pixelAt: {
    en: (row: number, column: number) => `Pixel in row ${row}, column ${column}`,
    zh: (row: number, column: number) => `第 ${row} 行、第 ${column} 列的像素`,
  },
  pixelValue: { en: 'value', zh: '值' },
  withSquare: { en: 'With the square there', zh: '方块在该处时' },
  without: { en: 'without it', zh: '没有方块时' },
  changeIs: { en: 'change', zh: '变化' },
  pressPixel: { en: 'Press a pixel for its numbers.', zh: '点击一个像素可查看数值。' },

  // Turning
  turnTitle: {
    en: (from: string, to: string) =>
      `Turn this ${from} into ${/^(?:8|1[18]$|[aeiou])/i.test(to) ? 'an' : 'a'} ${to}`,
    zh: (from: string, to: string) => `把这个 ${from} 变成 ${to}`,
  },
  turnAbout: {
    en: 'The same descent, on the pixels in place of the weights: x ← x − ε ∂E/∂x, with the loss for the wanted class. Each pixel is kept between black and white. Often the network changes its answer long before a reader would.',
    zh: '同样的梯度下降，不过改变的是像素而不是权重：x ← x − ε ∂E/∂x，损失针对想要的类别，每个像素都限制在黑白之间。往往在人还看不出它变成了别的数字之前，网络就早已改变回答。',
  },
  wanted: { en: 'It should become', zh: '要变成' },
  steps: { en: 'Steps', zh: '步数' },
  oneStep: { en: 'One step', zh: '走一步' },
  play: { en: 'Play', zh: '播放' },
  pause: { en: 'Pause', zh: '暂停' },
  again: { en: 'Start again', zh: '重新开始' },
  use: { en: 'Use this picture', zh: '使用这张图片' },
  useAbout: {
    en: 'Sets it as the picture of the whole page, with its pixels rounded to 256 grey values.',
    zh: '把它设为整个页面的图片，像素取整为 256 级灰度。',
  },
  notUsable: {
    en: 'This network’s preparation of pictures cannot be undone, so the page cannot take this one.',
    zh: '该网络的预处理不可逆，因此页面无法采用这张图片。',
  },
  before: { en: 'Before', zh: '变化前' },
  now: { en: 'Now', zh: '现在' },
  difference: { en: 'Difference', zh: '差异' },
  stepsDone: { en: 'Steps done', zh: '已走步数' },
  lossFor: { en: (to: string) => `Loss for ${to}`, zh: (to: string) => `针对 ${to} 的损失` },
  distances: { en: (to: string) => `Distance from ${to}`, zh: (to: string) => `到 ${to} 的距离` },
  activations: { en: (to: string) => `Output of ${to}`, zh: (to: string) => `${to} 的输出` },
  logits: { en: (to: string) => `Score of ${to}`, zh: (to: string) => `${to} 的得分` },
  answer: { en: 'Answer', zh: '回答' },
  flipped: {
    en: (step: number, to: string) => `From step ${step} on, the network answers ${to}.`,
    zh: (step: number, to: string) => `从第 ${step} 步起，网络回答 ${to}。`,
  },
  moved: {
    en: 'Mean change of a pixel, of the range from black to white',
    zh: '每个像素的平均变化（占黑白范围的比例）',
  },
  course: { en: 'The course of the scores over the steps', zh: '得分随步数的变化' },
} as const satisfies Texts;
