/** The texts of the photo: a network opened from files, and what it makes of a photo. */
import type { Texts } from './language';

export const photo = {
  title: { en: 'A photo through a network', zh: '让照片通过网络' },
  private: {
    en: 'The weights and the photo stay on this machine: this page reads them, computes here, and has no way to send them.',
    zh: '权重和照片都留在本机：本页读取它们、就地计算，并且无法将它们发送出去。',
  },
  network: { en: 'The network', zh: '网络' },
  networkAbout: {
    en: 'Choose the folder that an import or a training of this project made: it has network.json and weights.safetensors. GoogLeNet is shown in full; other networks of photos work too. The weights are not part of this page, for GoogLeNet alone has 28 MB.',
    zh: '请选择由本项目导入或训练生成的文件夹，其中有 network.json 和 weights.safetensors。GoogLeNet 展示得最完整，其他照片网络同样可用。本页不含这些权重：仅 GoogLeNet 就有 28 MB。',
  },
  command: {
    en: 'This makes such a folder of the well-known weights of GoogLeNet:',
    zh: '以下命令用公开的 GoogLeNet 权重生成这样的文件夹：',
  },
  folder: { en: 'Choose the folder …', zh: '选择文件夹……' },
  files: { en: 'Choose its files …', zh: '选择其中的文件……' },
  reading: { en: 'Opening the network …', zh: '正在打开网络……' },
  frozen: {
    en: 'This is an export for TensorFlow.js: one frozen graph, whose layers cannot be taken apart. Choose the model folder that it was made from.',
    zh: '这是导出的 TensorFlow.js 模型：一张冻结的计算图，无法逐层拆开。请选择导出前的模型文件夹。',
  },
  opened: {
    en: (network: string, parameters: string, classes: string) =>
      `${network} is open: ${parameters} parameters, ${classes} classes.`,
    zh: (network: string, parameters: string, classes: string) =>
      `已打开 ${network}：${parameters} 个参数，${classes} 个类别。`,
  },
  drawn: {
    en: (weights: string) =>
      `Its answers mean nothing: these weights are random, for the file did not have them: ${weights}.`,
    zh: (weights: string) => `它的答案没有意义：文件缺少以下权重，它们是随机数：${weights}。`,
  },
  photo: { en: 'The photo', zh: '照片' },
  photoAbout: {
    en: 'Choose a photo, drop one here, or paste one. A phone also offers its camera.',
    zh: '选择一张照片，拖放到此处，或直接粘贴。手机上还可以拍照。',
  },
  choosePhoto: { en: 'Choose a photo …', zh: '选择照片……' },
  notRead: { en: 'That is no picture that this browser can read.', zh: '浏览器无法读取这张图片。' },
  waiting: {
    en: 'The photo is there; it waits for a network.',
    zh: '照片已就绪，请选择网络。',
  },
  computing: { en: 'Computing …', zh: '正在计算……' },
  sees: { en: 'What the network sees', zh: '网络看到的图像' },
  seesAbout: {
    en: (height: number, width: number) =>
      `The middle of the photo, resized to ${height}×${width} pixels. What its recipe then does to the numbers, such as subtracting mean colours, is not shown.`,
    zh: (height: number, width: number) =>
      `照片的中央部分，缩放到 ${height}×${width} 像素。其后按训练方案对数值所做的处理（如减去平均颜色）未在此显示。`,
  },
  answers: { en: 'Its five best answers', zh: '前五个答案' },
  took: {
    en: (milliseconds: string) => `One pass, with the outputs of all layers read back: ${milliseconds} ms.`,
    zh: (milliseconds: string) => `一次前向计算（含读回所有层的输出）：${milliseconds} 毫秒。`,
  },
  noProbabilities: {
    en: 'These are the network’s scores; they are no probabilities.',
    zh: '这些是网络的原始得分，并非概率。',
  },
  evidence: { en: 'What speaks for a class', zh: '哪些部分支持某个类别' },
  evidenceAbout: {
    en: 'By four methods, which ask different questions: do not expect the same picture of each. Orange speaks for the class, blue against it; a position of a map is drawn at the centre of what it sees.',
    zh: '共四种方法，问的问题各不相同，结果也不会一样。橙色支持该类别，蓝色反对；图中的每个位置画在它所见区域的中心。',
  },
  gradients: { en: 'Grad-CAM and the input gradient', zh: 'Grad-CAM 与输入梯度' },
  gradientsAbout: {
    en: (layer: string) =>
      `Grad-CAM weighs each map of ${layer} by how the class’s score grows with it on average, and leaves out what is negative (Selvaraju et al. 2017, Grad-CAM, §3). The input gradient says how fast the score changes with each pixel (Simonyan et al. 2014, Deep Inside Convolutional Networks, §3).`,
    zh: (layer: string) =>
      `Grad-CAM 以类别得分对 ${layer} 各特征图的平均梯度为权重，将特征图加权求和，并舍去负值（Selvaraju 等 2017，Grad-CAM，第 3 节）。输入梯度表示得分随每个像素变化的快慢（Simonyan 等 2014，Deep Inside Convolutional Networks，第 3 节）。`,
  },
  computeGradients: { en: 'Compute both', zh: '计算两者' },
  gradCamMap: {
    en: (label: string) => `What the network sees, in grey, coloured by Grad-CAM for ${label}`,
    zh: (label: string) => `网络看到的图像（灰度），按“${label}”的 Grad-CAM 着色`,
  },
  gradCamShort: {
    en: (layer: string, height: number, width: number) =>
      `Grad-CAM of ${layer}, ${height}×${width} positions`,
    zh: (layer: string, height: number, width: number) => `${layer} 的 Grad-CAM，${height}×${width} 个位置`,
  },
  saliencyMap: {
    en: (label: string) => `How strongly the score of ${label} depends on each pixel`,
    zh: (label: string) => `“${label}”的得分对每个像素的依赖程度`,
  },
  saliencyShort: {
    en: 'The input gradient, the strongest of the three colours; the strongest 0.5 % are white',
    zh: '输入梯度（取三种颜色中最大者；最强的 0.5 % 显示为白色）',
  },
  saliencyGrey: {
    en: 'The input gradient, up or down; the strongest 0.5 % are white',
    zh: '输入梯度的大小（最强的 0.5 % 显示为白色）',
  },
  occlusion: { en: 'Occlusion', zh: '遮挡' },
  occlusionAbout: {
    en: 'A square covers one part after the other, and the network is asked each time (Zeiler and Fergus 2014, Visualizing and Understanding Convolutional Networks, §4.2). Each place takes a whole pass; a larger square has fewer places.',
    zh: '用一个方块依次遮住各个部分，每次都重新询问网络（Zeiler 与 Fergus 2014，Visualizing and Understanding Convolutional Networks，第 4.2 节）。每个位置都需一次完整的前向计算；方块越大，位置越少。',
  },
  square: { en: 'Square', zh: '方块' },
  squareOf: {
    en: (side: number) => `${side}×${side} pixels`,
    zh: (side: number) => `${side}×${side} 像素`,
  },
  cover: { en: 'Cover part after part', zh: '逐块遮挡' },
  stop: { en: 'Stop', zh: '停止' },
  covered: {
    en: (done: number, all: number) => `${done} of ${all} places`,
    zh: (done: number, all: number) => `第 ${done} / ${all} 个位置`,
  },
  occlusionMap: {
    en: (label: string) => `What the network sees, in grey, coloured by what covering takes from ${label}`,
    zh: (label: string) => `网络看到的图像（灰度），按遮挡使“${label}”下降多少着色`,
  },
  occlusionShare: {
    en: (whole: string) =>
      `Orange: where covered, the probability falls, by so many percentage points (uncovered: ${whole}); blue: it rises`,
    zh: (whole: string) => `橙色：遮住后概率下降的百分点（未遮挡时为 ${whole}）；蓝色：概率上升`,
  },
  occlusionScore: {
    en: (whole: string) =>
      `Orange: where covered, the score falls by so much (uncovered: ${whole}; of distances, the negative distance); blue: it rises`,
    zh: (whole: string) => `橙色：遮住后得分下降的量（未遮挡时为 ${whole}；距离取其负值）；蓝色：得分上升`,
  },
  cam: { en: 'Class activation map', zh: '类激活图' },
  camAbout: {
    en: 'Its head averages each of the last maps over all positions and weighs the averages for each class. So a class’s score can be parted among the positions: CAM(y, x) = Σₖ wₖ fₖ(y, x), from the maps fₖ and the class’s weights wₖ. This is exact, not an estimate (Zhou et al. 2016, Learning Deep Features for Discriminative Localization, §2).',
    zh: '该网络的分类头把最后的每幅特征图在所有位置上取平均，再按类别加权。因此某一类的得分可以分摊到各个位置：CAM(y, x) = Σₖ wₖ fₖ(y, x)，其中 fₖ 为特征图，wₖ 为该类的权重。这是精确的分解，而非估计（Zhou 等 2016，Learning Deep Features for Discriminative Localization，第 2 节）。',
  },
  camOwn: {
    en: 'The last layer has a map for each class, and its average over all positions is the class’s score: the map itself is the class activation map, exactly (Lin et al. 2014, Network In Network, §3.2; Zhou et al. 2016, §2).',
    zh: '最后一层为每个类别各有一幅特征图，它在所有位置上的平均就是该类的得分：这幅图本身就是精确的类激活图（Lin 等 2014，Network In Network，第 3.2 节；Zhou 等 2016，第 2 节）。',
  },
  noCam: {
    en: 'This network has fully connected layers above its last maps, so no exact class activation map follows from its weights; none is shown.',
    zh: '该网络在最后的特征图之上还有全连接层，无法由权重得到精确的类激活图，因此不显示。',
  },
  camClass: { en: 'For the class', zh: '类别' },
  overlay: {
    en: (label: string) =>
      `What the network sees, in grey, coloured by what speaks for ${label} (orange) and against it (blue)`,
    zh: (label: string) => `网络看到的图像（灰度），橙色为支持“${label}”的位置，蓝色为反对的位置`,
  },
  overlayShort: { en: 'Drawn over the photo, interpolated', zh: '叠加在照片上（经插值）' },
  camMap: {
    en: (height: number, width: number) => `As computed, ${height}×${width} positions`,
    zh: (height: number, width: number) => `计算结果，${height}×${width} 个位置`,
  },
  camAt: {
    en: (row: number, column: number, value: string) => `row ${row}, column ${column}: ${value}`,
    zh: (row: number, column: number, value: string) => `第 ${row} 行第 ${column} 列：${value}`,
  },
  point: { en: 'Point at a position to read its value.', zh: '指向某一位置即可读取数值。' },
  sum: {
    en: (mean: string, bias: string, total: string, score: string) =>
      `Check: the mean of the map, ${mean}, and the bias, ${bias}, add up to ${total}; the network’s score for the class is ${score}.`,
    zh: (mean: string, bias: string, total: string, score: string) =>
      `验算：图的平均值 ${mean} 加偏置 ${bias} 等于 ${total}；网络给该类的得分为 ${score}。`,
  },
  heads: { en: 'Auxiliary heads', zh: '辅助分类器' },
  headsAbout: {
    en: 'In training, heads lower down in the network answer as well, which brings the gradient to the lower layers (Szegedy et al. 2015, §5). Evaluation drops them.',
    zh: '训练时，网络较低处的分类头也参与回答，使梯度能够传到下面的层（Szegedy 等 2015，第 5 节）；评测时则舍去。',
  },
  head: {
    en: (name: string, reads: string) => `${name}, above ${reads}`,
    zh: (name: string, reads: string) => `${name}，位于 ${reads} 之上`,
  },
  headMissing: {
    en: 'The file has no weights for it, so it has no answer.',
    zh: '文件中没有它的权重，因此没有答案。',
  },
  layers: { en: 'Layer by layer', zh: '逐层查看' },
  layersAbout: {
    en: 'From the photo upwards. Unfold a layer for its maps, and a module for its branches.',
    zh: '自照片向上。展开某层可查看其特征图，展开某个模块可查看其各个分支。',
  },
  common: {
    en: 'one scale for all maps of a layer, which shows how strong each is',
    zh: '同层特征图共用色标，可比较强弱',
  },
  own: { en: 'each map by its own scale', zh: '每幅特征图各用色标' },
  scale: { en: 'Grey levels', zh: '灰度' },
  shape: {
    en: (height: number, width: number, maps: number) => `${maps} maps of ${height}×${width}`,
    zh: (height: number, width: number, maps: number) => `${maps} 幅 ${height}×${width} 的特征图`,
  },
  module: {
    en: (branches: number) => `module of ${branches} branches`,
    zh: (branches: number) => `含 ${branches} 条分支的模块`,
  },
  branch: {
    en: (number: number, path: string) => `Branch ${number}: ${path}`,
    zh: (number: number, path: string) => `分支 ${number}：${path}`,
  },
  joined: { en: 'The branches joined, one after the other', zh: '各分支依次拼接' },
  map: {
    en: (map: number, layer: string) => `Map ${map} of ${layer}`,
    zh: (map: number, layer: string) => `${layer} 的第 ${map} 幅特征图`,
  },
  showAll: { en: (maps: number) => `Show all ${maps} maps`, zh: (maps: number) => `显示全部 ${maps} 幅` },
  silent: {
    en: (count: number) => `${count} of them are 0 everywhere.`,
    zh: (count: number) => `其中 ${count} 幅处处为 0。`,
  },
} as const satisfies Texts;

/** The kinds of layers in Chinese; in English they have the names that the project’s descriptions give them. */
export const kindsInChinese: Readonly<Record<string, string>> = {
  convolution: '卷积',
  'max pooling': '最大池化',
  'average pooling': '平均池化',
  'adaptive average pooling': '自适应平均池化',
  'local response normalisation': '局部响应归一化',
  'batch normalisation': '批归一化',
  ReLU: 'ReLU',
  'sub-sampling': '子采样',
  'sparse convolution': '部分连接卷积',
  'scaled tanh': '缩放 tanh',
};
