// What was recorded in English, in Chinese: the reasons of contracts and actions, why anchors are left out, what flags say.
const QUOTED = '"([^]*)"';
const COUNTED = { tokens: "个 token", words: "个词", characters: "个字符", sentences: "句", lines: "行", paragraphs: "段", "list items": "个条目" };
const span = (said) => said.replace(/^exactly /, "恰好 ").replace(/^at least /, "至少 ").replace(/^at most /, "至多 ").replace(/ to /, " 到 ");
const whichActions = (said) => said.split(" or ").map(actionName).join("或");

const RECORDED = [
  [/^found action (\S+); expected (.+)$/, (found, wanted) => `动作为${actionName(found)}，期望${whichActions(wanted)}`],
  [/^found language (\S+); expected (\S+)$/, (found, wanted) => `语言为 ${found}，期望 ${wanted}`],
  [/^(\S+) is the label ([^]+), which cannot be (.+)$/, (metric, found, wanted) => `${metricName(metric)}是标签 ${found}，不可能${span(wanted)}`],
  [/^(\S+) is (\S+); expected (.+)$/, (metric, found, wanted) => `${metricName(metric)}为 ${found}，期望${span(wanted)}`],
  [/^does not contain ([^]+)$/, (absent) => `不包含 ${absent}`],
  [/^contains all that is expected$/, () => "须有的内容都有"],
  [/^contains none of ([^]+)$/, (wanted) => `一个也不包含：${wanted}`],
  [/^contains nothing that is excluded$/, () => "没有被禁止的内容"],
  [/^contains ([^]+)$/, (found) => `包含 ${found}`],
  [/^(\d+) (tokens|words|characters|sentences|lines|paragraphs|list items); expected (.+)$/, (count, what, wanted) => `${count} ${COUNTED[what]}，期望${span(wanted)}`],
  [/^validates$/, () => "符合要求的结构"],
  [/^found nothing; expected JSON$/, () => "没有内容，期望 JSON"],
  [/^not JSON: [^]*: line (\d+) column (\d+) \(char \d+\)$/, (line, column) => `不是 JSON（第 ${line} 行第 ${column} 列）`],
  [/^not JSON: (\S+) is not a JSON value$/, (found) => `不是 JSON：JSON 没有 ${found} 这个值`],
  [/^JSON nested too deeply to validate$/, () => "JSON 嵌套过深，无法验证"],
  [/^the schema refers to ([^]+), which it does not define$/, (reference) => `结构引用了 ${reference}，但没有定义它`],
  [/^at (\$\S*): ([^]+) is a required property$/, (path, name) => `${path} 处缺少必需的属性 ${name}`],
  [/^at (\$\S*): ([^]+) is not of type (.+)$/, (path, found, type) => `${path} 处的 ${found} 不是 ${type} 类型`],
  [/^at (\$\S*): [^]+$/, (path) => `${path} 处不符合要求的结构`],
  [/^found ([^]+); expected (upper|lower) case$/, (found, wanted) => `内容为 ${found}，期望全部${wanted === "upper" ? "大写" : "小写"}`],
  [/^begins ([^]+); expected ([^]+)$/, (found, wanted) => `开头为 ${found}，期望 ${wanted}`],
  [/^ends ([^]+); expected ([^]+)$/, (found, wanted) => `结尾为 ${found}，期望 ${wanted}`],
  [/^found ([^]+); expected ([^]+)$/, (found, wanted) => `内容为 ${found}，期望 ${wanted}`],
  [/^answer: no refusal, transfer, doubt, correction or warning found$/, () => `${actionName("answer")}：没有拒绝、转交、存疑、纠正或提醒`],
  [new RegExp(`^correct: a claim, and no yes to it in ${QUOTED}$`), (words) => `${actionName("correct")}：问题中有断言，而“${words}”没有肯定它`],
  [new RegExp(`^correct: a claim, and a no to it in ${QUOTED}$`), (words) => `${actionName("correct")}：问题中有断言，而“${words}”否定了它`],
  [new RegExp(`^correct: other than the prompt has it, ${QUOTED}$`), (words) => `${actionName("correct")}：与问题中的说法不同，“${words}”`],
  [new RegExp(`^refuse: told to act, and nothing done in ${QUOTED}$`), (words) => `${actionName("refuse")}：要求做一件事，而“${words}”没有照做`],
  [/^degenerate: empty output$/, () => `${actionName("degenerate")}：没有内容`],
  [/^degenerate: (\d+) of (\d+) characters broken$/, (count, all) => `${actionName("degenerate")}：${all} 个字符中有 ${count} 个损坏`],
  [/^degenerate: no word, number or symbol in it$/, () => `${actionName("degenerate")}：没有字词、数字或符号`],
  [/^degenerate: begins in the middle of a sentence$/, () => `${actionName("degenerate")}：从句子中间开始`],
  [new RegExp(`^degenerate: ${QUOTED} repeated (\\d+) times$`), (words, times) => `${actionName("degenerate")}：“${words}”重复了 ${times} 次`],
  [/^degenerate: (\d+) sentences, (\d+) of them distinct$/, (count, distinct) => `${actionName("degenerate")}：${count} 句话中只有 ${distinct} 句不同`],
  [new RegExp(`^degenerate: ${QUOTED} makes up (\\d+) of (\\d+) letters$`), (letter, count, all) => `${actionName("degenerate")}：${all} 个字母中有 ${count} 个是“${letter}”`],
  [/^degenerate: only (\S+) of its (\d+)-word sequences are distinct$/, (share, size) => `${actionName("degenerate")}：连续 ${size} 个词的组合中只有 ${share} 不重复`],
  [/^degenerate: a value that stands for nothing$/, () => `${actionName("degenerate")}：只有一个表示空的值`],
  [/^degenerate: a list without entries$/, () => `${actionName("degenerate")}：没有条目的列表`],
  [/^degenerate: letters of (\d+) writing systems$/, (count) => `${actionName("degenerate")}：混有 ${count} 种文字`],
  [/^degenerate: keys struck at random$/, () => `${actionName("degenerate")}：像是乱敲的键`],
  [/^degenerate: an empty block of code$/, () => `${actionName("degenerate")}：空的代码块`],
  [/^degenerate: choices without text$/, () => `${actionName("degenerate")}：没有文字的选项`],
  [/^degenerate: (\d+) role names and next to nothing said$/, (count) => `${actionName("degenerate")}：${count} 个角色名，几乎没有说什么`],
  [/^degenerate: the prompt repeated$/, () => `${actionName("degenerate")}：重复了问题`],
  [/^degenerate: the prompt and next to nothing else$/, () => `${actionName("degenerate")}：除了问题几乎没有别的`],
  [new RegExp(`^([a-z_]+): ${QUOTED}$`), (action, words) => `${actionName(action)}：“${words}”`],
  [/^only in (.+)$/, (runs) => `只在 ${runs.replaceAll(", ", "、")} 中`],
  [/^asks something else in (.+)$/, (runs) => `在 ${runs.replaceAll(", ", "、")} 中问的是别的`],
];

// null for what is not known: a classifier's or a metric's own words.
function inChinese(said) {
  for (const [pattern, write] of RECORDED) {
    const found = pattern.exec(said);
    if (found) return write(...found.slice(1));
  }
  return null;
}
const inWords = (said) => (state.language === "en" ? said : inChinese(said) ?? said);

// A recorded text by its number in the chosen language; where that is not the record, the record is its title.
function recorded(place) {
  const found = text(place), shown = inWords(found);
  return el("span", { title: shown === found ? null : spelled(found) }, ...visible(shown));
}

// A sentence that has a name, with what is filled in, as report/sentences.py makes it.
function sentence({ english, said }) {
  return state.language === "en" ? english : filledIn(said);
}
function filledIn(value) {
  if (typeof value === "string") return value;
  if (value.list) return value.list.map(filledIn).join("、") + (value.more ? ` 等，另有 ${value.more} 项` : "");
  if (value.term) return value.term === "metrics" ? metricName(value.name) : causeName(value.name);
  return fill(WORDS[state.language].sentences[value.say], value.values.map(filledIn));
}
