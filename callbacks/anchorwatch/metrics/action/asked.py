"""What a prompt asks for, as far as it decides how a reply is to be read.

The same words do different things under different prompts: "不可以叠加" informs when somebody asks about the
rules and refuses when somebody asks for a favour; "I'm sorry, we cannot deliver" is a draft when a letter was
ordered; a bare "不是" corrects only who claimed something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .text import fold

_READ = 600
"""Characters of a prompt that are read."""

_WRITING = re.compile(
    r"\b(?:write|draft|compose|translate|rephrase|rewrite|reword|paraphrase|summari[sz]e|proofread|role-?play|reply to this)\b"
    r"|翻译|翻成|译成|译为|用(?:英|中|日|法|德|韩|西班牙)[语文](?:怎么)?说|怎么(?:拼|译)|写一?(?:封|份|篇|段|条|首|个|则|句)|起草|草拟|拟一|润色|改写|造句|回复(?:一下)?(?:一条|这条|差评|顾客|客户)|替[^，。]{1,8}(?:回复|回)|总结",
    re.IGNORECASE,
)
_CONFIRM = re.compile(
    r"(?:吧|对吧|对吗|对不对|是吗|是吧|没错吧|是不是(?:这样|真的)?|真的吗|是真的吗|可信吗|靠谱吗|不就是|有道理吗|没错)[。！!？?~～\s]*$"
    r"|不(?:是|就是|都是|应该是)[^，。？?]{1,30}[吗嘛么][？?]?|(?:听说|据说|都说|网上说|朋友说|有人说|朋友圈[^，]{0,4}说|新闻说|专家说|我(?:妈|爸|奶奶|爷爷|老公|老婆|同事|朋友|同学)[^，]{0,3}说|我(?:记得|以为|看到|觉得)|你(?:上次|刚才|之前|昨天)|官网说|写的|既然)"
    r"|\bis it true\b|\bisn't it\b|\bisn't\b|\baren't\b|\bdon't\b|, right\?|\bi (?:heard|read) (?:that )?",
    re.IGNORECASE,
)
_WHY = re.compile(r"为什么|为何|怎么(?!办|样|做|写|用|走|去|设|截|退|换|申请|查|选|买|开|让|才能|把)|凭什么|\bwhy\b", re.IGNORECASE)
_STATEMENT = re.compile(r"^[^我您你咱，,？?]{1,16}(?:是|就是|只有|发明|建立|属于|都|会|能|有|不)[^，,？?]{1,24}[，,]")
_REQUEST = re.compile(
    r"帮|给我|替我|为我|教我|告诉我|求|麻烦|我要|我想|我就要|我不管|我需要|让我|请(?!问)|必须|赶紧|立刻|马上|写|编|生成|做(?:一|个)|扮演|列|导|发我|发给我|能不能|能否|可不可以|行不行|通融|破例|便宜|优惠|打折|补|赔|退|换(?!季)|取消|延长|改(?:一下|成|地址|价)"
    r"|\b(?:can|could|would|will) you\b|\bplease\b|^\W*(?:give|tell|write|help|make|create|show|teach|generate|provide|describe|let|refund|cancel|change)\b",
    re.IGNORECASE,
)
_RULES = re.compile(r"(?:可以|可不可以|能不能|能|支持|允许|会)[^，。？?我]{1,12}(?:吗|么|嘛|不)[？?]?$|哪些|什么(?!意思)|多久|多少|几")


@dataclass(frozen=True)
class Asked:
    """Kinds of a prompt; several may hold, none does without a prompt.

    `text`: the prompt as the patterns read it. `writing`: a text is ordered (a letter, a translation).
    `confirm`: a claim waits for a yes. `premise`: a question stands on a claim. `request`: something is
    to be done. `rules`: the question is what is possible at all.
    """

    text: str = ""
    writing: bool = False
    confirm: bool = False
    premise: bool = False
    request: bool = False
    rules: bool = False


def asked(prompt: str | None) -> Asked:
    """Read the first characters of `prompt`; any string is allowed."""
    if not prompt:
        return Asked()
    text = fold(prompt[:_READ]).replace("’", "'").strip()
    return Asked(
        text=text,
        writing=bool(_WRITING.search(text)),
        confirm=bool(_CONFIRM.search(text)),
        premise=bool(_WHY.search(text) or _STATEMENT.search(text)),
        request=bool(_REQUEST.search(text)),
        rules=bool(_RULES.search(text)),
    )
