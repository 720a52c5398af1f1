/** The texts around the parts of the page. */
import type { Texts } from './language';

export const shell = {
  title: { en: 'See it think', zh: '看它思考' },
  about: {
    en: 'The classic convolutional networks as published, running in this page.',
    zh: '按原论文重建的经典卷积网络，就在本页中运行。',
  },
  tabs: { en: 'Parts of the page', zh: '页面各部分' },
  glance: { en: 'Draw and look', zh: '绘制与观察' },
  backwards: { en: 'Backwards', zh: '反向传播' },
  kernels: { en: 'Kernels', zh: '卷积核' },
  lineage: { en: 'The lineage', zh: '网络谱系' },
  photo: { en: 'A photo', zh: '照片' },
  training: { en: 'Train live', zh: '现场训练' },
  language: { en: 'Language', zh: '语言' },
  link: { en: 'Copy a link to this view', zh: '复制此视图的链接' },
  copied: { en: 'The link is copied.', zh: '链接已复制。' },
  notCopied: {
    en: 'The browser did not allow the copying; the address bar has the link.',
    zh: '浏览器不允许复制；链接就在地址栏中。',
  },
  opening: { en: 'Opening the network …', zh: '正在打开网络……' },
  failed: { en: 'The page could not start: ', zh: '页面无法启动：' },
  private: {
    en: 'Nothing that you draw, open or show to a camera leaves this page; it makes no requests.',
    zh: '您绘制、打开或用摄像头拍摄的内容都不会离开本页；本页不发出任何请求。',
  },
  computes: { en: (what: string) => `Computed by ${what}.`, zh: (what: string) => `由 ${what} 计算。` },
  made: {
    en: 'Each number of this page is computed by the networks of this package, as they are trained and tested from the command line.',
    zh: '本页的每个数字都由本软件包中的网络计算得出，与命令行训练和测试所用的网络相同。',
  },
  partFailed: {
    en: (why: string) => `This part of the page has failed: ${why}. The other parts still work.`,
    zh: (why: string) => `页面的这一部分出错了：${why}。其他部分仍可使用。`,
  },
  stepFailed: {
    en: (why: string) => `Something here could not be computed: ${why}`,
    zh: (why: string) => `此处有一步计算失败：${why}`,
  },
  noModel: {
    en: (asked: string, shown: string) =>
      `The link names a network that this page does not have, ${asked}. Shown is ${shown}.`,
    zh: (asked: string, shown: string) => `链接所指的网络 ${asked} 不在本页中，现显示 ${shown}。`,
  },
  noPicture: {
    en: (asked: string) =>
      `The link names a picture that this page does not have, ${asked}. Photos, and the mistakes of other pages, do not come with a link.`,
    zh: (asked: string) => `链接所指的图片 ${asked} 不在本页中。照片以及其他页面的错误样本不会随链接传递。`,
  },
  model: { en: 'Network', zh: '网络' },
} as const satisfies Texts;
