/** The words of the README's generated tables in Chinese, for README.zh-CN.md. */

/** The heads of the columns; what is not here is a name that stays, as `CPU, float32`. */
const heads: readonly (readonly [pattern: RegExp, chinese: string])[] = [
  [/^network, batch$/, '网络、批大小'],
  [/^network$/, '网络'],
  [/^year$/, '年份'],
  [/^parameters, ours and the paper’s$/, '参数量：本项目与论文'],
  [/^multiply-adds$/, '乘加次数'],
  [/^guesses, departures$/, '推测、偏离'],
  [/^published$/, '论文公布'],
  [/^ours$/, '本项目'],
  [/^experiment$/, '实验'],
  [/^the paper$/, '论文'],
  [/^ours, mean and deviation$/, '本项目：均值与标准差'],
  [/^best$/, '最好'],
  [/^seeds$/, '种子数'],
  [/^training in all$/, '训练总时间'],
  [/^command and commit$/, '命令与提交'],
  [/^over stock tfjs-node: (.+)$/, '相对原版 tfjs-node：$1'],
  [/^((?:CPU|GPU), \w+)$/, '$1'],
];

/** What stands in the cells, beside names and figures. */
const phrases: readonly (readonly [english: RegExp, chinese: string])[] = [
  [/ % top-(\d) error, /g, ' % top-$1 错误率，'],
  [/ % error, /g, ' % 错误率，'],
  [/\(documentation of ([^)]*)\)/g, '（$1 的文档）'],
  [/ min, /g, ' 分钟，'],
  [/(\d) cores/g, '$1 核'],
  [/ by the experiment (`[^`]*`)/g, '（实验 $1）'],
  [/(?:, )?([\d.]+ %) by (`[^`]*`)/g, '，$1（$2）'],
  [/` at `/g, '`，提交 `'],
];

/** A table of the English README with Chinese words. Throws where the head of a column has no translation. */
export function inChinese(table: string): string {
  const [head = '', ...rows] = table.split('\n');
  const cells = head.slice(2, -2).split(' | ');
  const translated = cells.map((cell) => {
    const found = heads.find(([pattern]) => pattern.test(cell));
    if (!found) throw new Error(`scripts/readme/chinese.ts: expected a translation of “${cell}”, found none`);
    return cell.replace(...found);
  });
  const body = rows.map((row) => phrases.reduce((text, phrase) => text.replace(...phrase), row));
  return [`| ${translated.join(' | ')} |`, ...body].join('\n');
}
