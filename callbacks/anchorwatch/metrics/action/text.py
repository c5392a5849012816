"""From any string to a few clean sentences, in time that does not grow with the string.

What an output does shows at its beginning and, less often, at its end. Only that window is read:
`HEAD` characters from the start and `TAIL` from the end. Everything is replaced character by character,
so that a match can be shown in the words of the output itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HEAD = 3000
"""Characters read from the start of an output."""
TAIL = 900
"""Characters read from the end of a longer output."""
SENTENCE = 400
"""A longer sentence is cut, so that no pattern meets a long text."""
FIRST = 14
"""Sentences kept from the start of the window."""
LAST = 4
"""Sentences kept from its end."""

# Each pair: a traditional character that a pattern may meet, and its simplified form.
_PAIRS = """
無无 辦办 對对 聯联 繫系 絡络 轉转 為为 們们 確确 權权 幫帮 請请 諮咨 詢询
醫医 師师 專专 業业 實实 沒没 這这 個个 誤误 說说 錯错 證证 據据 謠谣 講讲
應应 該该 與与 於于 從从 會会 並并 還还 開开 關关 經经 過过 進进 遠远 選选
適适 遺遗 讓让 議议 許许 認认 識识 訴诉 談谈 論论 諒谅 謝谢 護护 負负 責责
貨货 買买 賣卖 費费 質质 資资 賠赔 賬账 歸归 產产 當当 電电 話话 單单 號号
碼码 種种 學学 術术 觀观 點点 見见 張张 視视 違违 規规 範范 圍围 則则 條条
額额 餘余 員员 組组 長长 後后 續续 處处 決决 斷断 準准 備备 預预 測测 時时
間间 價价 錢钱 獲获 獎奖 檢检 體体 驗验 藥药 療疗 險险 類类 詳详 細细 題题
問问 語语 協协 調调 給给 絕绝 謹谨 藉借 憑凭 訊讯 夠够 隱隐 門门 縣县 務务
級级 團团 隊队 貴贵 簡简 換换 來来 錄录 歷历 稅税 練练 習习 顧顾 審审 計计
導导 戶户 帳账 網网 頁页 層层 儘尽 盡尽 紹绍 別别 臺台 灣湾 國国 際际 內内
壞坏 聽听 讀读 寫写 書书 嗎吗 麼么 樣样 兒儿 嚴严 屬属 現现 傷伤 報报 達达
輕轻 舉举 閱阅 係系 將将 豐丰 剛刚 動动 勞劳 優优 傳传 僅仅 億亿 兩两 獨独
臨临 氣气 淺浅 滿满 潛潜 願愿 爲为 衆众 營营 異异 發发 佈布 變变 啟启 衛卫
裡里 裏里 復复 複复 擾扰 擔担 擇择 損损 尋寻 屆届 帶带 幣币 強强 彈弹 徵征
態态 慮虑 慣惯 憲宪 戰战 戲戏 執执 勸劝 製制 騙骗 偽伪 殺杀 擊击 嘗尝 約约
維维 補补 庫库 訂订 記记 註注 銷销 輸输 稱称 郵邮 遞递 運运 廠厂 車车 線线
熱热 機机 構构 諾诺 邊边 幾几 極极 須须 領领 隨随 禮礼 誰谁 數数 雖虽 舊旧
齡龄 緊紧 檔档 釋释 頭头 惡恶 擁拥 騷骚 誹诽 謗谤 試试 夥伙 終终 結结 鎖锁
閉闭 階阶 託托 滯滞 漲涨 跡迹 寬宽 節节 賦赋 賴赖 辯辩 辭辞 錶表 響响 項项
顯显 驟骤 針针 妳你 倉仓 債债 傾倾 儲储 況况 淨净 減减 滅灭 煩烦 獻献 盜盗
監监 礎础 禦御 穩稳 紀纪 純纯 統统 縮缩 總总 職职 聰聪 膚肤 臉脸 藝艺 蘋苹
虛虚 訪访 評评 詞词 誠诚 課课 購购 賓宾 載载 醜丑 釣钓 鈴铃 陰阴 陽阳 難难
飛飞 養养 餓饿 館馆 騎骑 驚惊 鬱郁 黨党 齊齐 萬万 東东 義义 烏乌 樂乐 亂乱
虧亏 親亲 儀仪 偉伟 偵侦 償偿 衝冲 馮冯 劃划 劉刘 創创 刪删 勵励 區区 華华
壓压 厭厌 疊叠 葉叶 嚇吓 呂吕 吳吴 喚唤 園园 圖图 場场 塊块 堅坚 墊垫 誇夸
奪夺 奮奋 婦妇 媽妈 嬰婴 孫孙 寧宁 寶宝 寵宠 廣广 莊庄 慶庆 廢废 棄弃 徹彻
徑径 憶忆 懷怀 戀恋 惱恼 懼惧 慘惨 撲扑 擴扩 掃扫 撫抚 拋抛 搶抢 擬拟 掛挂
擋挡 揮挥 摻掺 攝摄 擺摆 敵敌 曉晓 暫暂 雜杂 楊杨 槍枪 櫃柜 標标 欄栏 樹树
橋桥 樓楼 歡欢 歐欧 毀毁 畢毕 匯汇 漢汉 溝沟 淚泪 潑泼 澤泽 潔洁 濟济 潤润
漸渐 溫温 燈灯 靈灵 爛烂 燒烧 愛爱 爺爷 牽牵 狀状 猶犹 獄狱 貓猫 豬猪 環环
癱瘫 癮瘾 盤盘 蓋盖 礙碍 離离 積积 窮穷 竊窃 筆笔 築筑 簽签 糧粮 糾纠 紅红
纖纤 納纳 紛纷 紙纸 織织 綁绑 繞绕 繼继 績绩 綠绿 編编 緣缘 羅罗 罰罚 罷罢
腫肿 脹胀 脅胁 膽胆 髒脏 腦脑 腳脚 脫脱 騰腾 蘇苏 薦荐 榮荣 蔣蒋 藍蓝 蟲虫
裝装 覽览 覺觉 觸触 討讨 訓训 設设 詐诈 診诊 譯译 誘诱 諸诸 謂谓 譜谱 謀谋
謊谎 財财 貪贪 敗败 貼贴 貸贷 賀贺 賊贼 賭赌 贈赠 趙赵 趕赶 躍跃 蹤踪 輪轮
軟软 較较 輔辅 輛辆 輩辈 輯辑 遷迁 連连 遲迟 邏逻 鄧邓 鄒邹 鄰邻 鄭郑 醬酱
鐘钟 鋼钢 鐵铁 銀银 鋪铺 鏈链 鍵键 鎮镇 閒闲 鬧闹 聞闻 陸陆 陳陈 靜静 韓韩
頂顶 順顺 頻频 頸颈 顏颜 顛颠 風风 飢饥 飯饭 飲饮 饋馈 馬马 駁驳 駕驾 罵骂
魚鱼 魯鲁 鮮鲜 雞鸡 麥麦 黃黄 齒齿 龍龙 劑剂 廳厅 暈晕 訛讹 卻却 懇恳 佔占
誌志 遊游 採采 羣群 喫吃 纔才 涼凉 恊协 彔录
"""
_FOLD = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})

_CLEAN = str.maketrans(
    {
        **dict.fromkeys("‘’ʼ′`´＇", "'"),
        **dict.fromkeys("“”„″＂«»", '"'),
        **dict.fromkeys("*_#~|\t\r\v\f\u00a0\u2007\u202f\u3000\u200b\u200c\u200d\ufeff", " "),
        **dict.fromkeys("‐‑‒", "-"),
    }
)

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_QUOTED_LINE = re.compile(r"(?m)^[ \t]{0,3}>[^\n]*")
_QUOTED = re.compile(
    r'"[^"\n]{1,300}"|「[^」\n]{1,300}」|『[^』\n]{1,300}』|(?<!\w)\'(?:[^\'\n]|(?<=\w)\'(?=\w)){2,200}\'(?!\w)'
)
_OPENING_SINGLE = re.compile(r"(?<!\w)‘[^‘’\n]{0,200}(?:(?<=\w)’(?=\w)[^‘’\n]{0,200}){0,6}’(?!\w)")

_END = re.compile(
    r"(?<=[.!?])[\"')\]]*(?=\s)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bMr\.)(?<!\bDr\.)(?<!\bMs\.)(?<!\bMrs\.)"
    r"|(?<=[。！？；…])[\"'」』）]*|\n[ \t]*\n|\n(?=[ \t]*(?:[-•>]|\d{1,2}[.)、]))|(?<=[:：])\n"
)
_ITEM = re.compile(r"(?m)^[ \t]*(?:[-*•+]|\d{1,2}[.)、]|[（(]?[一二三四五六七八九十\d]{1,2}[)）、])[ \t]*\S")
_FILLER = re.compile(
    r"\W*(?:hi|hello|hey|dear|greetings|good (?:morning|day|evening|afternoon)|thank(?:s| you)"
    r"|i (?:\w+ )?(?:understand|appreciate|see|hear)"
    r"|i'm (?:so |really |very )?(?:sorry|glad|happy) (?:to hear|you|that you|for)|(?:that's"
    r"|what) an? \w+ question|great question|oh|ah|wow)\b"
    r"(?!.*\b(?:but|however|not|no|cannot)\b|.*n't).{0,110}$",
    re.IGNORECASE,
)
_CJK = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_LATIN = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True)
class Sentence:
    """One sentence: `text` is what patterns read, `shown` the same characters as the output has them.

    `index` counts from 0; `last` is true for the last sentences of the output.
    """

    index: int
    at: int
    text: str
    shown: str
    last: bool


@dataclass(frozen=True)
class Reading:
    """The window of an output: its sentences, and how much it carries besides words.

    `items` counts list items in the window, `code` is true for a fenced block, `length` is the length
    of the whole output in characters, `chinese` and `english` say which patterns apply.
    """

    sentences: tuple[Sentence, ...]
    items: int
    code: bool
    length: int
    chinese: bool
    english: bool


def fold(text: str) -> str:
    """Traditional characters of the patterns as simplified ones; same length."""
    return text.translate(_FOLD)


def read(response: str) -> Reading:
    """Read the window of `response`; any string is allowed, the work is bounded."""
    stripped = response.strip()
    raw = stripped
    if len(stripped) > HEAD + TAIL:
        raw = f"{stripped[:HEAD]}\n\n{stripped[-TAIL:]}"
    items = len(_ITEM.findall(raw))
    code = "```" in raw
    shown = _blank_quotations(raw)
    text = fold(shown)
    spans = _spans(text)
    spans = [s for s in spans if not _FILLER.match(text[s[0] : s[1]].strip())] or spans
    kept = spans if len(spans) <= FIRST + LAST else spans[:FIRST] + spans[-LAST:]
    sentences = tuple(
        Sentence(i, start, text[start:end], shown[start:end], len(kept) - i <= LAST)
        for i, (start, end) in enumerate(kept)
    )
    chinese = bool(_CJK.search(text)) and len(_KANA.findall(text)) * 5 < len(text)
    return Reading(sentences, items, code, len(stripped), chinese, bool(_LATIN.search(text)))


def _blank_quotations(raw: str) -> str:
    """Clean punctuation and put blanks over quoted text, unless hardly anything else is left."""
    text = _OPENING_SINGLE.sub(_blank, raw)
    cleaned = raw.translate(_CLEAN)
    for pattern in (_FENCE, _QUOTED_LINE):
        text = pattern.sub(_blank, text)
    text = text.translate(_CLEAN)
    text = _QUOTED.sub(_blank, text)
    outside = sum(map(str.isalnum, text))
    return text if outside * 4 >= sum(map(str.isalnum, cleaned)) else cleaned


def _blank(match: re.Match[str]) -> str:
    """As many blanks as the match has characters, between marks that no pattern reads."""
    return "¤" + " " * (len(match[0]) - 2) + "¤"


def _spans(text: str) -> list[tuple[int, int]]:
    """Start and end of the sentences of `text`, none empty, none longer than `SENTENCE`."""
    spans: list[tuple[int, int]] = []
    start = last = 0
    letters = False
    for end in [*(m.end() for m in _END.finditer(text)), len(text)]:
        letters = letters or any(map(str.isalpha, text[last:end]))
        last = end
        if end < len(text) and not letters:
            continue  # A number such as a list marker belongs to what follows.
        letters = False
        for left in range(start, end, SENTENCE):
            right = min(left + SENTENCE, end)
            if any(map(str.isalnum, text[left:right])):
                spans.append((left, right))
        start = end
    return spans
