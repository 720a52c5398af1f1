/** The texts of the part in which networks learn. */
import type { Texts } from './language';

export const training = {
  heading: { en: 'Train live', zh: '现场训练' },
  about: {
    en: 'A network learns in this page, in a thread of its own: change the rate while it does. With a wrong one it diverges before your eyes.',
    zh: '网络就在本页的独立线程中学习：训练时可随时调整学习率。学习率不当，就会眼看着它发散。',
  },
  choices: { en: 'What is trained', zh: '训练设置' },
  network: { en: 'Network', zh: '网络' },
  rule: { en: 'Optimiser', zh: '优化方法' },
  momentum: { en: 'SGD, momentum 0.9 (recipe)', zh: '随机梯度下降，动量 0.9（默认）' },
  plain: { en: 'Plain SGD', zh: '普通随机梯度下降' },
  diagonalLevenbergMarquardt: {
    en: 'Levenberg–Marquardt, diagonal',
    zh: '对角 Levenberg–Marquardt 方法',
  },
  winnerTakeAll: { en: 'Winner take all (1980)', zh: '胜者全得（1980）' },
  momentumNote: {
    en: 'In the recipe the rate falls to 0 along a cosine; here it stays where you put it.',
    zh: '默认配方中学习率按余弦降到 0；这里则保持您设定的值。',
  },
  plainNote: {
    en: 'The recipe’s rule without momentum. At the same rate it goes about a tenth as far.',
    zh: '默认配方去掉动量。同样的学习率下，步幅约为十分之一。',
  },
  diagonalLevenbergMarquardtNote: {
    en: 'Appendix C of LeCun et al. 1998: each weight has its own step, by the curvature that 500 images show before each pass; batches of one image. LeNet-5 starts from weights within ±√3/√fan-in, as its units saturate from smaller ones.',
    zh: 'LeCun 等人 1998 年论文附录 C：每个权重各有步长，由每轮之前 500 幅图像估计的曲率决定；每批一幅图像。LeNet-5 的初始权重取自 ±√3/√扇入，因为从更小的权重出发单元会饱和。',
  },
  winnerTakeAllNote: {
    en: 'Fukushima 1980: in each column of cells the strongest one is reinforced. No gradient, no labels; only the read-out counts labels. The loss is watched, and nothing descends it.',
    zh: 'Fukushima 1980：每一列细胞中响应最强者得到强化。没有梯度，也不用标签；只有读出层统计标签。损失只供观察，学习并不使它下降。',
  },
  rate: { en: 'Learning rate', zh: '学习率' },
  rateSlider: { en: 'Learning rate, on a log scale', zh: '学习率（对数刻度）' },
  rateNote: {
    en: 'Takes effect at the next update; momentum is kept.',
    zh: '从下一次更新起生效，动量保留。',
  },
  winRateNote: {
    en: 'A factor on what each win adds to the synapses, from the next image on. The paper’s is 1.',
    zh: '每次获胜时突触增量的倍数，从下一幅图像起生效。论文中为 1。',
  },
  batch: { en: 'Images in a batch', zh: '批量大小（图像数）' },
  j: { en: 'j of eq. 9', zh: '式 (9) 中的 j' },
  competition: { en: 'Classes compete (eq. 9; without: eq. 8)', zh: '类别间竞争（式 9；不选则为式 8）' },
  jNote: {
    en: 'LeCun et al. 1998: the penalty of the right class plus log(e⁻ʲ + Σ e⁻ʸ), which pushes wrong classes away until theirs exceed j.',
    zh: 'LeCun 等人 1998：正确类别的惩罚加上 log(e⁻ʲ + Σ e⁻ʸ)，它推开错误类别，直到其惩罚超过 j。',
  },
  data: { en: 'Digits', zh: '数字图像' },
  seed: { en: 'Seed', zh: '随机种子' },
  images: { en: 'Drawn training digits', zh: '绘制的训练数字数' },
  files: {
    en: 'Choose MNIST’s four files, or drop them here',
    zh: '选择 MNIST 的四个文件，或拖放到此处',
  },
  filesNote: {
    en: 'IDX files as published, plain or .gz; Fashion-MNIST’s and EMNIST’s too. They stay in this page.',
    zh: '原样的 IDX 文件，解压与否均可（.gz）；也可用 Fashion-MNIST 或 EMNIST。文件不会离开本页。',
  },
  drawn: { en: 'Back to drawn digits', zh: '改回绘制的数字' },
  dataInUse: {
    en: (name: string, training: string, tests: string) =>
      `${name}: ${training} training images, ${tests} test images`,
    zh: (name: string, training: string, tests: string) =>
      `${name}：训练图像 ${training} 幅，测试图像 ${tests} 幅`,
  },
  restartNote: {
    en: 'Other choices than the rate begin the training anew.',
    zh: '除学习率外，更改其他设置都会重新开始训练。',
  },
  play: { en: 'Play', zh: '开始训练' },
  pause: { en: 'Pause', zh: '暂停' },
  step: { en: 'One update', zh: '单步更新' },
  restart: { en: 'Begin anew', zh: '重新开始' },
  preparing: { en: 'Preparing digits and network …', zh: '正在准备数字和网络……' },
  ready: { en: 'Ready: nothing has been learned yet.', zh: '就绪：尚未开始学习。' },
  changed: {
    en: 'Begun anew with the changed choices: nothing has been learned yet.',
    zh: '已按更改后的设置重新开始：尚未学习。',
  },
  playing: { en: 'It is learning.', zh: '正在学习。' },
  paused: {
    en: (update: string) => `Paused after update ${update}.`,
    zh: (update: string) => `已暂停，共 ${update} 次更新。`,
  },
  left: {
    en: (update: string) => `It was paused after update ${update}, when you left this part of the page.`,
    zh: (update: string) => `您离开本部分时，训练已在第 ${update} 次更新后暂停。`,
  },
  failed: {
    en: (why: string) => `The training has ended: ${why}`,
    zh: (why: string) => `训练已中止：${why}`,
  },
  diverged: {
    en: (update: string, rate: string) => `Diverged at update ${update} with rate ${rate}.`,
    zh: (update: string, rate: string) => `在第 ${update} 次更新时发散，学习率为 ${rate}。`,
  },
  saturated: {
    en: (mean: string, untrained: string, updates: number) =>
      `The mean loss of the last ${updates} updates is ${mean}: more than the ${untrained} of a network that has learned nothing. Squashing bounds the states of the units, so the loss does not grow without end: the units saturate, and little gradient is left to bring them back. A lower rate now rarely helps; begin anew.`,
    zh: (mean: string, untrained: string, updates: number) =>
      `最近 ${updates} 次更新的平均损失为 ${mean}，高于未经学习的网络的 ${untrained}。压缩函数限制了单元的状态，因此损失不会无限增大：单元已经饱和，梯度几乎消失，难以恢复。此时再降低学习率通常无济于事；请重新开始。`,
  },
  notFinite: {
    en: (message: string) => `The loss is no longer a number, and the training has stopped (${message}).`,
    zh: (message: string) => `损失已不再是有限的数，训练停止（${message}）。`,
  },
  update: { en: 'Update', zh: '更新次数' },
  epoch: { en: 'Passes over the images', zh: '训练轮数' },
  speed: { en: 'Images a second', zh: '每秒图像数' },
  meanLoss: {
    en: (updates: number) => `Mean loss of ${updates} updates`,
    zh: (updates: number) => `最近 ${updates} 次更新的平均损失`,
  },
  testError: { en: 'Test error', zh: '测试误差' },
  mistakes: {
    en: (mistakes: string, images: string) => `${mistakes} of ${images} wrong`,
    zh: (mistakes: string, images: string) => `${images} 幅中错 ${mistakes} 幅`,
  },
  curves: { en: 'How it goes', zh: '训练曲线' },
  loss: { en: 'Loss', zh: '损失' },
  lossCurve: { en: 'Loss of each batch', zh: '每批的损失' },
  lossCaption: {
    en: (bold: number, thin: number) =>
      `Thin: ${thin === 1 ? 'each batch' : `the mean of ${thin} batches`}. Bold: the mean of ${Math.max(bold, thin)}.`,
    zh: (bold: number, thin: number) =>
      `细线：${thin === 1 ? '每一批' : `每 ${thin} 批的平均`}。粗线：${Math.max(bold, thin)} 批的平均。`,
  },
  lossLabel: {
    en: (first: string, last: string, updates: string) =>
      `Loss over ${updates} updates: at first ${first}, now ${last} as a mean.`,
    zh: (first: string, last: string, updates: string) =>
      `${updates} 次更新中的损失：起初 ${first}，目前平均 ${last}。`,
  },
  noLoss: { en: 'Loss: no update yet.', zh: '损失：尚无更新。' },
  scale: { en: 'Axis of the loss', zh: '损失坐标轴' },
  log: { en: 'logarithmic', zh: '对数' },
  linear: { en: 'linear', zh: '线性' },
  errorCurve: { en: 'Error on test images', zh: '测试图像上的误差' },
  errorCaption: {
    en: (tested: string, all: string, every: number) =>
      `On ${tested === all ? `all ${all} test images` : `${tested} of ${all} test images, spread evenly over them`}, every ${every} updates and when it pauses. None of them is trained on.`,
    zh: (tested: string, all: string, every: number) =>
      `${tested === all ? `全部 ${all} 幅测试图像` : `从 ${all} 幅测试图像中均匀选取 ${tested} 幅`}，每 ${every} 次更新及暂停时测量一次。这些图像都不参与训练。`,
  },
  errorLabel: {
    en: (first: string, last: string) => `Test error: before learning ${first}, now ${last}.`,
    zh: (first: string, last: string) => `测试误差：学习前 ${first}，目前 ${last}。`,
  },
  updates: { en: 'updates', zh: '更新次数' },
  rateMark: { en: (rate: string) => `rate ${rate}`, zh: (rate: string) => `学习率 ${rate}` },
  divergedMark: { en: 'diverged', zh: '发散' },
  kernels: { en: (layer: string) => `Kernels of ${layer}`, zh: (layer: string) => `${layer} 的卷积核` },
  kernelsNow: { en: 'Now', zh: '目前' },
  kernelsChange: { en: 'Change since the start', zh: '相对初始的变化' },
  kernel: {
    en: (layer: string, map: number, what: string) => `${layer}, kernel ${map}: ${what}`,
    zh: (layer: string, map: number, what: string) => `${layer}，卷积核 ${map}：${what}`,
  },
  planes: { en: 'What the planes have learned', zh: '各细胞面学到的模式' },
  planesNote: {
    en: 'The synapses a of each plane’s cells, and below each the inhibition b that grew with them: 0 until the plane has won. A plane that reads 24 planes shows their sum.',
    zh: '每个细胞面的兴奋性突触 a，下方为随之增长的抑制 b：在该面获胜之前为 0。若一个面读取 24 个面，则显示其总和。',
  },
  layerPlanes: {
    en: (layer: string, learned: number, all: number) => `${layer}: ${learned} of ${all} planes have learned`,
    zh: (layer: string, learned: number, all: number) =>
      `${layer}：${all} 个细胞面中已有 ${learned} 个学到模式`,
  },
  plane: {
    en: (layer: string, plane: number, inhibition: string) => `${layer}, plane ${plane}, b = ${inhibition}`,
    zh: (layer: string, plane: number, inhibition: string) => `${layer}，细胞面 ${plane}，b = ${inhibition}`,
  },
  confusion: { en: 'Confusion matrix', zh: '混淆矩阵' },
  confusionCaption: {
    en: (images: string, update: string) =>
      `${images} test images after update ${update}. Rows: what is shown; columns: the answer. Framed: right.`,
    zh: (images: string, update: string) =>
      `第 ${update} 次更新后的 ${images} 幅测试图像。行：实际类别；列：网络的回答。带框者为正确。`,
  },
  shown: { en: 'Shown', zh: '实际' },
  keep: { en: 'Keep the network', zh: '保存网络' },
  lookInto: { en: 'Look into it in the other parts', zh: '在其他部分中观察它' },
  lookIntoNote: {
    en: 'As it is now, until the page is closed.',
    zh: '取其当前状态，关闭页面后不再保留。',
  },
  safetensors: { en: 'Save as safetensors', zh: '保存为 safetensors' },
  folder: { en: 'Save as a model folder (two files)', zh: '保存为模型文件夹（两个文件）' },
} as const satisfies Texts;
