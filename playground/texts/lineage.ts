/** The texts of the lineage: the map, a network’s card, and one digit through several networks. */
import type { Text, Texts } from './language';

export const lineage = {
  map: { en: 'The map', zh: '谱系图' },
  mapAbout: {
    en: 'Each network with its year and its number of parameters. An arrow leads from a network to the one that takes it up; after AlexNet there are two lines: deeper stacks of the same layers, and stronger modules in place of a layer. Choose one to see what it is.',
    zh: '每个网络都标有年份和参数量。箭头由前一个网络指向继承它的网络；AlexNet 之后分为两支：一支用同样的层堆得更深，一支用更强的模块代替单层。点选一个网络查看详情。',
  },
  deeper: { en: 'deeper', zh: '更深' },
  modules: { en: 'stronger modules', zh: '更强的模块' },
  unpacking: { en: 'Unpacking the drawings …', zh: '正在解压图纸……' },
  nodeLabel: {
    en: (name: string, year: number, parameters: string) => `${name}, ${year}, ${parameters} parameters`,
    zh: (name: string, year: number, parameters: string) => `${name}，${year} 年，${parameters} 个参数`,
  },
  family: { en: 'The network and its variants', zh: '该网络及其变体' },
  adds: { en: 'What it added', zh: '新增内容' },
  first: { en: 'The first of the lineage.', zh: '谱系的起点。' },
  after: { en: (network: string) => `After ${network}.`, zh: (network: string) => `继承自 ${network}。` },
  variant: {
    en: (network: string) =>
      `A variant of ${network}: from the same paper, as a toolkit has it, or for another data set.`,
    zh: (network: string) => `${network} 的变体：出自同一论文、某个工具包的版本，或用于另一数据集。`,
  },
  counts: { en: 'Counts', zh: '计数' },
  parameters: { en: 'Parameters', zh: '参数量' },
  samePaper: { en: 'equal to the paper’s', zh: '与论文一致' },
  otherPaper: {
    en: (count: string) => `the paper’s layers have ${count}`,
    zh: (count: string) => `按论文各层应为 ${count}`,
  },
  prints: {
    en: (quoted: string, where: string) => `the paper prints “${quoted}”${where && ` (${where})`}`,
    zh: (quoted: string, where: string) => `论文原文：“${quoted}”${where && `（${where}）`}`,
  },
  auxiliary: {
    en: (count: string) => `and ${count} of auxiliary heads, which only training uses`,
    zh: (count: string) => `另有辅助分类器的 ${count} 个，仅训练时使用`,
  },
  multiplyAdds: { en: 'Multiply-adds for one image', zh: '单张图像的乘加次数' },
  connections: { en: 'Connections', zh: '连接数' },
  depth: { en: 'Learning layers, one after the other', zh: '依次相接的可学习层数' },
  takes: { en: 'Takes', zh: '输入' },
  takesImage: {
    en: (height: number, width: number, channels: number) =>
      `${height}×${width} pixels, ${channels === 1 ? 'grey' : 'in colour'}`,
    zh: (height: number, width: number, channels: number) =>
      `${height}×${width} 像素，${channels === 1 ? '灰度' : '彩色'}`,
  },
  answers: { en: 'Answers', zh: '输出' },
  classes: { en: (count: string) => `${count} classes`, zh: (count: string) => `${count} 个类别` },
  drawing: { en: 'Drawing', zh: '结构图' },
  drawingOf: {
    en: (network: string) => `Drawing of ${network}: its layers from the image to the classes`,
    zh: (network: string) => `${network} 的结构图：从图像到类别的各层`,
  },
  fullSize: { en: 'Full size', zh: '原始大小' },
  published: { en: 'Published errors', zh: '论文公布的错误率' },
  noPublished: { en: 'The paper prints no error for it.', zh: '论文未给出它的错误率。' },
  measured: { en: 'Measured errors', zh: '本项目实测的错误率' },
  noMeasured: { en: 'None is on file.', zh: '暂无记录。' },
  fromResults: {
    en: 'By this project: of the weights that come with it, and of the runs on file in results/.',
    zh: '由本项目测得：包括随附的权重，以及 results/ 中存档的训练。',
  },
  fromTrained: {
    en: 'By this project, of the weights that come with the package; the runs on file in its repository are not in this page.',
    zh: '由本项目用软件包随附的权重测得；代码仓库中存档的训练不在本页中。',
  },
  quotedEnglish: { en: '', zh: '评测方式与差异说明按原始记录以英文列出。' },
  dataset: { en: 'Images', zh: '图像' },
  images: { en: (count: string) => `${count} images`, zh: (count: string) => `${count} 张` },
  error: { en: 'Error', zh: '错误率' },
  'top-1 error': { en: 'Top-1 error', zh: 'Top-1 错误率' },
  'top-5 error': { en: 'Top-5 error', zh: 'Top-5 错误率' },
  interval: {
    en: (least: string, most: string) => `95 %: ${least} to ${most}`,
    zh: (least: string, most: string) => `95 % 置信区间：${least} 至 ${most}`,
  },
  protocol: { en: 'Protocol', zh: '评测方式' },
  where: { en: 'Where', zh: '出处' },
  differs: { en: 'What differs from the paper', zh: '与论文的差异' },
  nothing: { en: 'nothing', zh: '无' },
  source: { en: 'Weights', zh: '权重' },
  shipped: { en: (name: string) => `${name}, in the package`, zh: (name: string) => `${name}（随包附带）` },
  all: { en: (count: number) => `Show all ${count}`, zh: (count: number) => `显示全部 ${count} 项` },
  same: { en: 'The same digit, side by side', zh: '同一数字，逐一对比' },
  sameAbout: {
    en: 'One digit through every network of digits in this page: what each sees of it, what it answers and by what margin, and what that costs.',
    zh: '让同一个数字通过本页中的每个数字网络：各自看到了什么、给出什么答案、领先多少，以及代价如何。',
  },
  computing: { en: 'Computing …', zh: '正在计算……' },
  sees: { en: 'What it sees', zh: '看到的输入' },
  inputOf: {
    en: (name: string, height: number, width: number) => `What ${name} sees: ${height}×${width} values`,
    zh: (name: string, height: number, width: number) => `${name} 看到的输入：${height}×${width} 个数值`,
  },
  firstMaps: {
    en: (layer: string, maps: number) => `First layer, ${layer}: ${maps} maps`,
    zh: (layer: string, maps: number) => `第一层 ${layer}：${maps} 个特征图`,
  },
  firstMap: {
    en: (layer: string, map: number) => `Map ${map} of ${layer}`,
    zh: (layer: string, map: number) => `${layer} 的第 ${map} 个特征图`,
  },
  answer: { en: 'Answer', zh: '答案' },
  second: { en: 'Second', zh: '第二选择' },
  margin: { en: 'Margin', zh: '差距' },
  logits: { en: 'probability', zh: '概率' },
  distances: { en: 'distance, smaller is nearer', zh: '距离，越小越接近' },
  activations: { en: 'activation, larger is surer', zh: '激活值，越大越确定' },
  right: { en: 'right', zh: '正确' },
  wrong: { en: (label: number) => `wrong: it is a ${label}`, zh: (label: number) => `错误：应为 ${label}` },
  milliseconds: { en: 'Time for one digit', zh: '单个数字用时' },
  timed: {
    en: (passes: number) =>
      `Times are the median of ${passes} passes in this browser, one digit at a time, so most of it is the start of each operation.`,
    zh: (passes: number) =>
      `用时为本浏览器中 ${passes} 次前向计算的中位数，每次一个数字，因此大部分是启动各个运算的开销。`,
  },
  openModel: {
    en: 'Another network of digits, such as nin-mnist, can be added from a model folder of yours, which has network.json and weights.safetensors.',
    zh: '还可以从您的模型文件夹（含 network.json 和 weights.safetensors）添加其他数字网络，例如 nin-mnist。',
  },
  chooseFolder: { en: 'Choose the folder …', zh: '选择文件夹……' },
  chooseFiles: { en: 'Choose its files …', zh: '选择其中的文件……' },
  notDigits: {
    en: (name: string) => `${name} takes other images than digits.`,
    zh: (name: string) => `${name} 的输入不是数字图像。`,
  },
} as const satisfies Texts;

/** What each network of the map added: in English its paper’s table says it. */
export const addsInChinese: Readonly<Record<string, string>> = {
  neocognitron: '神经元层在整幅图像上共享权重，与容许位移的层交替排列；无教师学习。',
  lecun1989: '共享权重通过反向传播学习，从像素到类别端到端训练。',
  lenet1: '在卷积层之间加入像新认知机那样的平均层，参数量只有四分之一。',
  lenet5: '特征图更多且部分连接，子采样层可训练，输出为到手绘字符编码的距离。',
  alexnet:
    '彩色照片，每张 150,528 个数值，而 LeNet-5 只有 1,024 个：修正线性单元、dropout、局部响应归一化、两块 GPU。',
  'vgg-a': '只用 3×3 卷积，堆叠到 11 至 19 层。',
  'nin-cifar10': '每个卷积之后接 1×1 卷积，相当于在每个位置放一个小网络；以整幅特征图的平均代替全连接层。',
  googlenet: '四条分支的模块，用 1×1 卷积压缩通道，共 22 层；带辅助分类器。',
};

/** What a network added, in the page’s languages. */
export function addsText(network: string, english: string): Text {
  return { en: english, zh: addsInChinese[network] ?? english };
}
