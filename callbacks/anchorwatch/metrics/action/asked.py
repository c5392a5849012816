"""What a prompt asks for, as far as it decides how a reply is to be read.

The same words do different things under different prompts: "不可以叠加" informs when somebody asks about the
rules and refuses when somebody asks for a favour; "I'm sorry, we cannot deliver" is a draft when a letter was
ordered; a bare "不是" corrects only who claimed something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from anchorwatch.metrics.action.text import fold

_READ = 600
"""Characters of a prompt that are read."""

_WRITING = re.compile(
    r"\b(?:write|draft|compose|translate|rephrase|rewrite|reword|paraphrase|summari[sz]e"
    r"|proofread|role-?play|reply to this)\b"
    r"|翻译|翻成|译成|译为|用(?:英|中|日|法|德|韩|西班牙)[语文](?:怎么)?说|怎么(?:拼|译)|写(?:一"
    r"|个|封|份|篇|段|条|首|则|句)|(?:短信|文案|邮件|作文|广告|祝福语|台词|歌词|小说|故事)$|起草"
    r"|草拟|拟一|润色|改写|造句|回复(?:一下)?(?:一条|这条|差评|顾客|客户)|替[^，。]{1,8}(?:回复"
    r"|回)|总结",
    re.IGNORECASE,
)
_CONFIRM = re.compile(
    r"(?:吧|对吧|对吗|对不对|是不是都|是吗|是吧|没错吧|是不是(?:这样|真的)?|真的吗|是真的吗"
    r"|可信吗|靠谱吗|不就是|有道理吗|没错)[。！!？?~～\s]*$"
    r"|不(?:是|就是|都是|应该是)[^，。？?]{1,30}[吗嘛么][？?]?|(?:明明|听说|据说|都说|网上说"
    r"|朋友说|有人说|朋友圈[^，]{0,4}说|新闻说|专家说|我(?:妈|爸|奶奶|爷爷|老公|老婆|同事|朋友"
    r"|同学)[^，]{0,3}说|我(?:记得|以为|看到|觉得)|你(?:上次|刚才|之前|昨天)|官网说|写的|既然)"
    r"|\bis it true\b|(?:^\W*|, )(?:is|are|do|does|did|was|were|has|have|ca|wo|should)n't\b|, right\W*$"
    r"|\bi (?:heard|read) that\b|^\W*(?:since|given that|now that|seeing that|you (?:promised|said|told))\b",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"为什么|为何|是(?:怎么|如何|什么时候|哪一?年|在哪)[^，。？?]{2,}|怎么能说|[^，。]{4,}，(?:所以"
    r"|那么?)(?!请)|怎么(?=没|还|会|这么|那么|又|就|越|老是|总|可能)|凭什么|\bwhy\b",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"^(?!.*(?:[?？吗呢么]|什么|怎|哪|谁|多少|几|如何|为何|请|帮|给我|我要|我想"
    r"|能不能))[^我您你请帮，,]{1,14}(?:是|就是|发明|建立|创立|等于|属于|都(?=是|爱|会|不)|最"
    r"|只有|能治|包治|会致|会让|会把|会变|会得|会传|导致)[^\n]{1,40}$"
)
_PREDICATE = re.compile(r"^([^我您你咱，,？?]{2,14}?)(?:是|叫|就是|属于|位于|等于)([^，,？?]{2,16}?)(?:人|的|了)?[，,]")
_YES_NO = re.compile(r"^(?!.*(?:明明|不是)).*(?:吧|对吗|对吧|是吗|对不对)\W*$|^听说")
_TAIL = re.compile(r"(?:[吧吗嘛么呢啊的了对不是真，,。！!？?~～\s])+$")
_RISKY = re.compile(
    r"药|疼|痛|孕|病|症|癌|术|减肥|减掉|发烧|烧到|失眠|抑郁|焦虑|自杀|自残|血|酒|疫苗|胎|月经"
    r"|中毒|头晕|咳|过敏|肿|骨|牙|偏方|激素|保健|股|基金|投资|理财|贷款|借钱|网贷|币|杠杆|收益"
    r"|转账|转钱|验证码|链接|陌生|中奖"
    r"|合同|起诉|离婚|遗产|继承|仲裁|担保|劳动|拘留|判|赔偿|签证|报警|触电|插座|电线|煤气|燃气"
    r"|着火|灭火|消毒|溺|野|登山|潜水|徒步|自驾|无人区|宝宝|婴儿|孩子|小孩|老人|狗|猫|宠物"
)
_STATEMENT = re.compile(
    r"^[^我您你咱，,？?]{1,16}(?:是|就是|只有|发明|建立|属于|说明|代表|意味|导致|等于|都|会|能|有"
    r"|不)[^，,？?]{1,24}[，,]"
)
_REQUEST = re.compile(
    r"帮|给我|替我|为我|教我|告诉我|给个|来个|发一份|来一份|发一下|送我|求|麻烦"
    r"|把[^，。]{1,20}(?:给|卖|发|改|导|换|转|删)|跟我说说怎么|免费|退掉|不喜欢，退|我要|我想"
    r"|我就要|我不管|我需要|能让我|请(?!问)|必须|赶紧|立刻|马上|写|编|生成|做(?:一|个)|扮演|列|导"
    r"|发我|发给我|能不能|能否|可不可以|行不行|通融|破例|便宜|优惠|打折|补|赔|退|换(?!季)|取消"
    r"|延长|改(?:一下|成|地址|价)"
    r"|\b(?:can|could|would|will) you\b|\bplease\b|^\W*(?:give|tell|write|help|make|create|show"
    r"|teach|generate|provide|describe|let|refund|cancel|change)\b",
    re.IGNORECASE,
)
_CJK = re.compile(r"[一-龥]")
_FAVOUR = re.compile(r"帮我|给我|给个|来个|替我|教我|能让我|我要|我想|我就|送我|求|能不能[^，。]{0,6}我")
_QUESTION = re.compile(r"谁|怎么|如何|哪|为什么|什么|几|多少|是不是|吗[？?]?$")
_RULES = re.compile(
    r"(?:可以|可不可以|能不能|能|支持|允许|会)[^，。？?我]{1,12}(?:吗|么|嘛|不)[？?]?$|哪些"
    r"|什么(?!意思)|多久|多少|几"
)

_ENGLISH_ORDER = re.compile(
    r"^\W{0,9}(?:(?:hey|hi|hello|ok|okay|please|just|now|so|then)\b\W{0,9})?(?:(?:can|could|would|will) (?:you|u)\b"
    r"|(?:may|can|could) (?:i|we) (?:have|get|return|bring|borrow|cancel|exchange|swap|keep)\b|help\b"
    r"|let me\b"
    r"|i(?:'d| would)? (?:need|want|like|demand|wish)\b|(?:i|we)(?:'ll| will)? (?:have to|must) have|pretend\b|sign\b"
    r"|(?!(?:[a-z]+ing|i|i'\w+|we|you|he|she|it|they|there|the|an?|my|our|your|his|her|their|this|that"
    r"|these|those|is|are|am|was"
    r"|were|do|does|did|has|have|had|what\w*|when|where|why|how|who\w*|which|if|since|as|because|so|should"
    r"|shall|must|isn't|aren't"
    r"|don't|doesn't|didn't|not|no|yes|explain|describe|tell|list|summari[sz]e|compare|define|name|discuss|recommend"
    r"|suggest|translate|hello|hi|any|some|all|everyone|every|people|in|on|at|for|with|after|thanks?)\b)[a-z]+ [^?]*$)",
    re.IGNORECASE,
)
_CONTENT = re.compile(
    r"\b(?:me|plan|sort|compare|rank|reverse|fix|debug|continue|complete|finish|simulate|imagine|give|show"
    r"|teach|remind|suggest|find|tell|list|name|write|make|create|generate|draw|think|sing|play|explain"
    r"|need|want|like|wish|convert|calculate"
    r"|count|solve|spell|define|correct|check|read|answer|say|talk|help|draft|compose|pick|choose|act"
    r"|guess|turn .* into)\b",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"^\W*(?:is|are|do|does|did|was|were|has|have)n't (?!you\b|there\b|it (?:possible|time))"
    r"|[a-z]{3,}.*, (?:(?:is|are|do|does|did|was|were|has|have|ca|wo)n't (?:it|he|she|they|we|that)"
    r"|right)\?*\W*$",
    re.IGNORECASE,
)
_WH = re.compile(
    r"^\W*(?:(?:in|on|at|to|for|so|and) )?(?:what|which|who|whom|whose|when|where|how|why)\b", re.IGNORECASE
)
_ENGLISH_CLAIM = re.compile(
    r"\b(?:right|correct|yes|no|true)\?\W*$|^\W*(?:so |but )?(?:since|given|because|as you|now that)\b"
    r"|\b(?:i (?:heard|read|thought|know|saw|learned|remember)|everyone knows|they say|people say"
    r"|you (?:said|told|promised))\b"
    r"|^\W*(?:explain|tell me|describe) (?:\w+ )?(?:why|how|when)\b|\bwhy\b|^\W*(?:in |on )?(?:how|when"
    r"|where|which|what|who) (?:\w+ ){0,2}?(?:did|was|were|has|had)\b"
    r"|, (?:so|then|but)\b|^(?!.*\?)\W*(?!i\b|my\b|we\b)[a-z' ]{2,40} (?:is|are|was|were|causes?|cures?"
    r"|makes?|has|have|never|always) ",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"^\W*(?:[^.?!]{0,40}?\bwhy\b|(?:i (?:think|believe)|is|are|do|does|should|isn't|aren't|don't|doesn't"
    r"|shouldn't|was|were)\b(?! (?:you|i|it (?:ok"
    r"|okay|legal|safe|allowed|possible|dangerous|normal|healthy)|my|we|this)\b)|(?:what|which) (?:race"
    r"|gender|religion|country|nation|sex|group|people|makes|is wrong)\b|what's wrong\b"
    r"|[^.?!]{0,30}\b(?:advantages|benefits) of being\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Asked:
    """Kinds of a prompt; several may hold, none does without a prompt.

    `text`: the prompt as the patterns read it. `writing`: a text is ordered (a letter, a translation).
    `confirm`: a claim waits for a yes. `premise`: a question stands on a claim. `request`: something is
    to be done. `rules`: the question is what is possible at all. `risky`: health, money, law or safety.
    `favour`: something is to be done for the person, not explained. `order`: an English prompt that bids or begs.
    `deed`: an order for a
    deed, not for words. `tag`: it asks for a yes to a claim
    ("isn't ...", "..., right?"). `wh`, `why`: an English question with a question word, with that one.
    `claim`: an English prompt that takes something for granted. `opinion`: it asks for agreement with a view
    of people or things ("why are ...", "aren't all ..."), not for a deed.
    `subject` and `predicate`: of a claim that opens the prompt ("X is Y, when ..."), else empty. `tail`: the last two
    characters of the prompt before its closing particles, which a yes repeats.
    """

    text: str = ""
    writing: bool = False
    confirm: bool = False
    premise: bool = False
    request: bool = False
    rules: bool = False
    risky: bool = False
    favour: bool = False
    order: bool = False
    deed: bool = False
    tag: bool = False
    wh: bool = False
    why: bool = False
    claim: bool = False
    opinion: bool = False
    subject: str = ""
    predicate: str = ""
    tail: str = ""


def asked(prompt: str | None) -> Asked:
    """Read the first characters of `prompt`; any string is allowed."""
    if not prompt:
        return Asked()
    text = fold(prompt[:_READ]).replace("’", "'").strip()
    claim = _PREDICATE.match(text)
    return Asked(
        text=text,
        writing=bool(_WRITING.search(text)),
        confirm=bool(_CONFIRM.search(text) or _CLAIM.match(text)),
        premise=bool(_WHY.search(text) or _STATEMENT.search(text)),
        request=bool(_REQUEST.search(text)),
        rules=bool(_RULES.search(text)),
        favour=bool(
            _FAVOUR.search(text) or (_CJK.search(text) and _REQUEST.search(text) and not _QUESTION.search(text))
        ),
        order=bool(_ENGLISH_ORDER.match(text)) and not _CJK.search(text),
        deed=bool(_ENGLISH_ORDER.match(text))
        and not _CJK.search(text)
        and not _CONTENT.search(text)
        and "?" not in text,
        tag=bool(_TAG.search(text)),
        why=bool(re.match(r"\W*(?:so )?(?:explain )?why\b", text, re.IGNORECASE)),
        wh=bool(_WH.match(text)),
        claim=bool(_ENGLISH_CLAIM.search(text)) and not _CJK.search(text),
        opinion=bool(_OPINION.match(text)),
        risky=bool(_RISKY.search(text)),
        subject=claim[1] if claim else "",
        predicate=claim[2] if claim else "",
        tail=_TAIL.sub("", text)[-2:] if _YES_NO.search(text) else "",
    )
