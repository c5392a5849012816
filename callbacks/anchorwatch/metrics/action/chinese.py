"""What Chinese sentences show, simplified or traditional (`text.fold` makes them one).

The same grammar as in `english`: who denies (`我`, `本店`, or nobody, for Chinese drops the subject), what
(`无法`, `不能`, `恕不`, the complement `-不了`) and which verb. `您不能` speaks of the customer and is advice;
`不能不`, `无法拒绝`, `不会不` are affirmations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from anchorwatch.metrics.action.chinese_denials import COMPLEMENTS, DENIALS, KNOWLEDGE
from anchorwatch.metrics.action.chinese_others import CARE, HELPING, OTHERS, PREMISE
from anchorwatch.metrics.action.chinese_words import CLAUSE, DOCTOR, any_of
from anchorwatch.metrics.action.kinds import Cue
from anchorwatch.metrics.action.text import Sentence

_HARMLESS: Final = re.compile(
    any_of(
        "不(?:建议|推荐|提倡|宜) 不能(?:当作?|作为|替代|代替|取代) 不能不 不得不 不会不 不是不 不可不 无法(?:拒绝|抗拒"
        "|自拔|忽视|否认|抵挡|想象) 不能(?:拒绝|忽视|否认|再好"
        "|更) 没问题 没关系 没事 不会拒绝 不拒绝",
        "怎么能不 不可能不 不限 不客气 不见不散 能不能 可不可以 会不会 要不要 行不行 是不是"
        " 对不对 好不好 有没有 不仅 不但 不只 不论 不管 不过 不同 不错 不少 不妨 不用 不必",
        "不如 不久 不等 不然 不断 不停 不满 不足 不超过 不需要? 不要紧 不难 不收 不花 不论 不由"
        " 不见得 不一定 看不惯 用不着 怪不得 舍不得 了不起 来不来 不在乎 不得了 不好吃",
    )
)
_UNREAL: Final = re.compile(
    rf"(?:如果|若是?|假如|要是|倘若|万一|一旦|即使|是否|除非|凡是?|当|话术|为什么|为何|怎么|避免|以免"
    rf"|免得|担心|怕|所谓|指的?是|意思是|是说)(?:{CLAUSE}{{0,14}})$"
)
_ASKING: Final = re.compile(r"[^，。！；,.!;]{0,8}(?:[吗嘛?？]|(?<![什怎那这多])么)|(?:就|的话|时候?)(?!是|算|不)")
_THEIR: Final = re.compile(
    r"(?:您|你|他|她|它|大家|孩子|宝宝|老人|患者|病人|孕妇|商家|人们|房东|公司|单位|对方|用户"
    r"|学生|企业)(?:们)?(?:也|都|就|可|还|现在|暂时|自己|最好|千万|绝对|是|本人|那边|这边?|并"
    r"|单方面|随意){0,2}$"
)


_TELLING: Final = re.compile(
    r"帮|协助|提供|回答|答复|告诉|告知|透露|泄|公开|展示|教|写|撰|生成|创作|编|讲|说|讨论|谈|聊|评"
    r"|参与|配合|满足|答应|受理|指导|推荐|描述|扮演|代|[退换改修补赔减免]不了|恕|休想|免谈|没门|到此"
    r"|死心|算了"
)
_OURS: Final = re.compile(
    r"我|咱|俺|本(?:店|平台|公司|人|AI|系统|行|司|院|馆)|小(?:店|蜜|助手|编|二)|店里|店铺|门店"
    r"|平台|客服|这边|系统|助手|模型|机器人|程序|AI"
    r"|抱歉|对不起|不好意思|遗憾|恕|见谅|谅解|体谅|包涵|规定|政策|制度|条款|隐私|请求|要求|亲"
    r"|您的心情|理解|爱莫能助|拒绝|这种(?:事|忙|内容|话|请求|要求)|这类|没商量"
)

_ALL: Final = (*DENIALS, *KNOWLEDGE, *OTHERS, *PREMISE, *CARE, *HELPING)
_PROFESSIONAL: Final = re.compile(DOCTOR)
_TOLD: Final = re.compile(r"请|建议|拨|打|撥|向|找|去|送|挂|联系|咨询|务必|应|交")
_BRINGS: Final = re.compile(r"我|已|帮[您你]|[为给替][您你]|这边|正在|会|本店|药房的")
"""Who acts next: where nobody of the house does, naming a professional sends the person there."""
_VOIDABLE: Final = frozenset({"refuse", "unknown", "role", "no"})


def cues(sentence: Sentence) -> Iterator[Cue]:
    """Every cue of one sentence, in the order of the rules; a kind may come more than once."""
    text = sentence.text
    harmless = [m.span() for m in _HARMLESS.finditer(text)]
    for found in _ALL:
        kind, pattern = found
        for match in pattern.finditer(text):
            start, end = match.span()
            if kind in _VOIDABLE and _void(text, start, end, harmless):
                continue
            if found is COMPLEMENTS and sentence.index > 0 and not _OURS.search(text):
                continue
            if kind in ("transfer", "contact") and _sends(text, start, end):
                kind = "expert"
            if kind == "refuse" and not (_OURS.search(text) or _TELLING.search(match[0])):
                kind = "bare"
            yield Cue(kind, sentence.index, sentence.at + start, sentence.shown[start:end].strip("，。！,.! "))
            break


def _sends(text: str, start: int, end: int) -> bool:
    """Whether the match sends the person to a professional and nobody of the house acts."""
    clause = re.split(r"[，。！？；：,!?;\n]", text[:start])[-1] + text[start:end]
    return bool(_PROFESSIONAL.search(clause) and _TOLD.search(clause)) and not _BRINGS.search(text[:end])


def _void(text: str, start: int, end: int, harmless: list[tuple[int, int]]) -> bool:
    """Whether a denial is an affirmation, a condition, a question or about somebody else."""
    if any(left < end and right > start for left, right in harmless):
        return True
    clause = re.split(r"[，。！？；：,!?;\n]", text[:start])[-1]
    if _UNREAL.search(clause) or _THEIR.search(clause):
        return True
    return bool(_ASKING.match(text[end:]))
