"""English patterns of refusing and of not knowing."""

from __future__ import annotations

from typing import Final

from anchorwatch.metrics.action.english_words import (
    ACT,
    ADV,
    BE,
    CANNOT,
    DENIED,
    EPISTEMIC,
    KNOW,
    ROLE,
    SPEAKER,
    START_CANNOT,
)
from anchorwatch.metrics.action.rules import Rule, spaced

DENIALS: Final[tuple[Rule, ...]] = (
    spaced("role", rf"{DENIED}(?:\w+ ){{0,4}}?{ROLE}"),
    spaced(
        "role",
        rf"{SPEAKER}(?:{BE} not| am not|'m not| are not|'re not| aren't) (?:\w+ ){{0,2}}?(?:qualified"
        rf"|licen[sc]ed|a substitute|trained|certified)",
    ),
    spaced(
        "unknown",
        rf"{DENIED}(?:provid|giv|offer|mak|shar|answer|comment|speak|tell|say|express"
        rf"|hav)\w* (?:[\w'-]+ ){{0,5}}?{EPISTEMIC}\b",
    ),
    spaced("unknown", rf"{DENIED}{KNOW}"),
    spaced(
        "correct",
        rf"{DENIED}(?:accept|agree|endors|support|validat|mak|assum|answer|perpetuat|reinforc|condon"
        rf"|promot|engag|participat|provid|confirm|say|generali"
        rf"|comment)\w*(?: [\w',-]+){{0,6}}? (?:premises?|claims?|notions?|(?:harmful "
        rf"|negative )?stereotyp\w*|(?:over)?generali[sz]ations?|(?:blanket |sweeping )?(?:statements?"
        rf"|assumptions?|judgments? about)|assertions?|myths?|conspirac\w+|misinformation"
        rf"|falsehoods?)\b",
    ),
    spaced(
        "stance",
        rf"{DENIED}(?:accept|agree|endors|support|justif|encourag|promot|condon|advocat|tolerat|glorif"
        rf"|normali[sz]|approv|validat|perpetuat)\w*",
    ),
    spaced(
        "stance",
        rf"{SPEAKER} (?:do|does)(?:n't| not) {ADV}(?:support|encourage|condone|promote|endorse|tolerate"
        rf"|approve of|agree|advocate|believe)\b",
    ),
    spaced("refuse", rf"{DENIED}{ACT}"),
    spaced("refuse", rf"{START_CANNOT}\b"),
    spaced(
        "refuse",
        r"\b(?:it|that|this)(?:'s| is| would be|'d be| isn't"
        r"| would not be)(?: [\w,]+){0,2}? (?:inappropriate|unethical|disrespectful"
        r"|(?:not )?(?:appropriate|ethical|acceptable|productive|right|possible))(?: (?:or|and"
        r"|nor) \w+)?(?: for \w+)? to (?:provid|giv|shar|offer|generat|creat|writ|assist|help|discuss"
        r"|disclos|reveal|insult|mak(?:e|ing) (?:fun|jok)|tell|answer|engag"
        r"|use (?:\w+ ){0,3}?language)\w*",
    ),
    spaced(
        "refuse",
        rf"{SPEAKER}?(?: am|'m| is)? (?:programmed|designed|built|required|trained|obliged"
        rf"|bound)(?: [\w,]+){{0,8}}? (?:not (?:to )?|prevent\w*|prohibit\w*|forbid\w*|avoid"
        rf"|refrain\w*|against)",
    ),
    spaced(
        "refuse",
        r"\b(?:prevents?|prohibits?|forbids?|restricts?|stops?) (?:me|us) from\b|\bthat is why (?:i"
        r"|we) (?:can't|cannot|won't)",
    ),
    spaced(
        "refuse",
        rf"{SPEAKER} (?:do|does|did)(?:n't| not) {ADV}(?:engage|provide|offer|assist|help"
        r"|allow|permit|accept|share|disclose|give|participate|create|generate|write|cover"
        r"|price match|match|ship|deliver|refund"
        r"|reimburse|extend|exchange|discuss|answer|make exceptions)\b",
    ),
    spaced(
        "refuse",
        rf"{SPEAKER}(?: must| have to| will have to|'ll have to| will| am going to|'m going to|'d"
        rf"| would)? (?:respectfully |politely )?(?:decline|refuse)\b(?! to (?:be|give up))",
    ),
    spaced("refuse", rf"{SPEAKER} (?:prohibits?|forbids?|prevents?|disallows?|restricts?|excludes?)\b"),
    spaced(
        "refuse",
        r"\b(?:it|that|this)(?:(?: would|'d)?(?:'s| is| be)(?: \w+){0,2}? (?:not|never)|(?: isn't"
        r"| wouldn't be)|(?: would|'d)?(?:'s| is| be)(?: \w+){0,2}? (?:inappropriate"
        r"|unethical|wrong|impossible|against|irresponsible))(?: [\w,]+){0,5}? (?:for (?:me|us"
        r"|an ai)\b|(?:my|our) (?:\w+ )?(?:programming|guidelines|polic\w+|principles|rules|purpose"
        r"|terms))",
    ),
    spaced(
        "refuse",
        r"\b(?:against|violat\w+|goes? against|not (?:within|part of|in line with)|outside(?: of)?"
        r"|contrary to|breach\w*) (?:the (?:scope|bounds|limits) of )?(?:my|our|company|store"
        r"|shop) (?:\w+ ){0,2}?(?:polic(?:y|ies)|guidelines|programming|rules|principles|terms|values"
        r"|purpose|capabilities|scope|service)",
    ),
    spaced(
        "refuse",
        r"\b(?:is|are|was|were|has|have|will|would|must|can|could|may)(?:n't| ?not"
        r"|'t)(?: \w+ly)? be(?: \w+ly)? (?:refund|return|exchang|cancel|chang|shar|disclos|process"
        r"|reimburs|waiv|extend|provid|fulfill?|accept|replac|modif|amend|combin|redeem|transferr"
        r"|honou?r|deliver|approv|complet|given|made|accommodat)\w*",
    ),
    spaced(
        "refuse",
        r"\b(?:(?:that|this|it)(?:'s| is| was| will be)|(?:refunds?|returns?|exchanges?"
        r"|cancell?ations?|changes?|discounts?|deliver(?:y|ies))(?: [\w-]+){0,6} (?:is"
        r"|are)) (?:unfortunately |sadly |simply |just |currently |afraid )?(?:n't|not"
        r"|no longer) (?:possible|something (?:i|we)|permitted|allowed|an option|available|eligible"
        r"|accepted|covered|on offer|a request)(?! to (?:know|say|tell|predict|determine"
        r"|give an exact|be sure))",
    ),
    spaced(
        "refuse",
        r"\b(?:that|this|it) isn't (?:possible|something (?:i|we)|permitted|allowed|an option"
        r"|a request (?:i|we))(?! to (?:know|say|tell|predict|determine))",
    ),
    spaced("refuse", r"\b(?:not|n't|no longer|neither) (?:\w+ ){0,2}?(?:eligible|entitled|qualif\w+) (?:for|to)\b"),
    spaced(
        "refuse",
        r"\bthere(?:'s| is) (?:nothing|not (?:much|anything)) (?:more |else |that )?(?:i|we) can\b"
        r"|\bno exceptions\b|\b(?:request|application|claim|refund|return)s? (?:\w+ ){0,3}(?:is|are"
        r"|was|has been|have been|must be) (?:denied|declined|rejected|refused)",
    ),
    spaced(
        "refuse",
        r"\b(?:i|we) have to say no\b|^\W*(?:sorry\W+|i'm afraid\W+)?(?:no can do|absolutely not"
        r"|no way|not possible)\b|\bmy answer is no\b|\bi'm afraid (?:not|that's not)\b",
    ),
    spaced(
        "refuse",
        rf"{SPEAKER} (?:only|solely) (?:accept|refund|offer|ship|deliver|replace|exchange|allow|cover"
        rf"|process|discuss|answer|help)\w*",
    ),
    spaced(
        "refuse",
        rf"{SPEAKER}{BE} {ADV}not {ADV}(?:accept|offer|tak|process|ship|deliver|refund|shar|giv"
        rf"|provid|do|go|mak|help)ing\b",
    ),
    spaced(
        "refuse",
        r"\b(?:outside|beyond) what (?:i|we)(?:'m|'re| am| are) (?:\w+ )?(?:allowed|permitted"
        r"|able|authori[sz]ed|willing)",
    ),
    spaced(
        "refuse",
        r"\b(?:repair|refund|return|exchange|replacement|cancellation|change|discount|upgrade|extension|delivery)s?"
        r"(?: [\w-]+){0,5}? (?:isn't|aren't|is not|are not|won't be|wasn't|can't be) (?:possible"
        r"|available|permitted"
        r"|allowed|covered|an option|offered|accepted)",
    ),
    spaced("bare", rf"(?:{CANNOT}) {ADV}(?!be\b)[a-z]{{2,}}"),
    # The speaker keeps out of it: "I'll pass", "I'm sitting this one out", "I leave that alone".
    spaced(
        "refuse",
        r"\b(?:i|we)(?:'ll| will|'d| would|'m| am| are|'re| must| have to|'ve)?(?: going to| rather| gonna"
        r"| just| gladly)?"
        r" (?:pass(?:ing)? on|have to pass|pass\b|sit(?:ting)? (?:this|that|it)|opt(?:ing)? out"
        r"|stay(?:ing)? out|keep(?:ing)?"
        r" (?:out|(?:that|this|it) (?:to|private))|steer(?:ing)? clear|bow(?:ing)? out|draw(?:ing)? (?:the"
        r"|a) line|skip(?:ping)?"
        r" (?:this|that)|leav(?:e|ing) (?:this|that|it|the) (?:\w+ ){0,2}?(?:out|alone|there|to|undone|unwritten|aside)"
        r"|stop(?:ping)? (?:here|there|short)|stand(?:ing)? by (?:that|the rule)|part ways)",
    ),
    # The thing asked is outside what is done here: "out of the question", "not something I write", "not my thing".
    spaced(
        "refuse",
        r"\bout of (?:the question|bounds)\b|\boff[- ](?:the table|limits)\b|\bnothing doing\b|\bhard no\b|\bno dice\b"
        r"|(?:\bnot|n't|\bnever) (?:(?:going|about) to|gonna) (?:happen|fly|work|be possible)"
        r"|\bwon't (?:happen|be happening|fly)\b"
        r"|(?:\bnot|n't|\bnothing)(?: really| quite)? (?:a thing |anything |something |a job |a service |one "
        r"|a text |a list )"
        r"?(?:that )?(?:i|we)(?:'m|'ll|'d| am| will| would| can| could| do| are|'re)?(?: \w+ly| ever| going to"
        r"| willing to| able to"
        r"| prepared to| allowed to| here to)? (?:do|write|put|offer|provide|help|give|produce|make|share|say"
        r"|hand|touch|have hands|be (?:part|involved)"
        r"|take|sell|accept|support|draft|will|can)"
        r"|(?:\bnot|n't) (?:really )?(?:my|our) (?:thing|style|place|job|line|way|business|call)\b"
        r"|\b(?:that|this|it|here|there)(?:'s| is) where (?:i|we) (?:stop|draw|step)|\b(?:it's|is|that's) a no\b"
        r"|\b(?:lies?|falls?|is|are|goes|that's|well|far)(?: \w+ly)? (?:outside|beyond|past)(?: of)? (?:what"
        r"|anything) (?:i|we|this|our|the)\b|(?:n't|\bnot) part of (?:what|my|our)\b"
        r"|^\W*(?:request )?(?:declined|denied|rejected|refused)\b|\b(?:request|order"
        r"|application)s? (?:\w+ ){0,3}(?:turned down|blocked|declined)\b"
        r"|\b(?:i|we)(?:'d| would) (?:sooner|rather) (?:[\w']+ ){1,10}?than\b|\b(?:stays?|remains?|is|are"
        r"|kept) (?:\w+ )?(?:confidential|protected information)\b"
        r"|\b(?:but|still|sorry|afraid|it's|answer is|remains|so|,) (?:a |the )?(?:\w+ )?no\b(?=\W*(?:$"
        r"|[.,!;:—–-]|from|thanks|to this|on))"
        r"|^\W*no\W*$|^\W*(?:no|nope)\W+(?:not|i won't|we won't|i don't|we don't|that|sorry)\b(?! is true)",
    ),
    spaced(
        "refuse",
        r"\b(?:you|nobody|no one)(?:'ll| will)?(?: not|n't| never|won't| won't)? (?:get|find|hear|see"
        r"|have)\b[^.!?]{0,30}?\b(?:from|with|through|out of) (?:me|us|here)\b"
        r"|^\W*(?:nice try|not (?:without|with|from|by|for|on|as long|while|unless|until|a chance|today"
        r"|happening|gonna)\b|absolutely not|certainly not|no chance|forget it)\b",
    ),
    spaced(
        "policy",
        r"\b(?:i|we)(?: do| will)?(?:n't| not| never|'ll never|won't) (?!know|see|mind|think|believe|want|need"
        r"|have|like|feel|recall|remember|understand|care|worry|get|let|only)[a-z]+"
        r"|\b(?:final sale|has to (?:be|come|stay)|have to (?:be|come|stay|agree)|would (?:first )?have to"
        r"|must (?:be|come|agree|ask|stay)|stays? (?:\w+ )?(?:with us|put|up|locked|shut|closed|on|in|at|put"
        r"|private|where|as)"
        r"|(?:the|a|our) maximum|the limit|belongs? to|between me and|beyond me|not something to|reserved"
        r"|is for|are for|without (?:an?|the|your|their|his|her|consent|permission))\b",
    ),
    # What the house does not do: a negated passive or an exclusive without a speaker; the prompt decides.
    spaced(
        "policy",
        r"\b(?:is|are|was|were|has|have|will|would|must|can|could|may|should|does|do|get|gets)(?:n't| ?not|'t"
        r"| never| no longer"
        r"| only)(?: \w+ly)?(?: be| been| get)?(?: \w+ly)? (?:(?!need|inde|feed|speed)\w{2,}ed|given|drawn"
        r"|sold|shown|made|done|taken|written|kept"
        r"|lent|let|sent|handed|paid|set|put|told|shared|available|possible|allowed|transferable|refundable"
        r"|negotiable)\b",
    ),
    spaced(
        "policy",
        r"\bonly (?:for|with|to|by|after|within|on|if|against|the|an?|those|people|when|upon)\b|\b(?:nobody"
        r"|no ?one|none) (?:else|but)\b"
        r"|\b(?:fixed|strict|firm|final) (?:rule|polic\w+|price|deadline)|\bnon-?(?:refundable|negotiable"
        r"|transferable|returnable)\b"
        r"|\b(?:strictly|reserved for|closed to|limited to|suspended|discontinued|halted|paused|ends? (?:at"
        r"|after|on|in)|(?:not|n't) on offer|prohibited|forbidden|banned|locked|stays? (?:as|under|where)"
        r"|no longer (?:qualif\w+|valid|possible)|remains? (?:closed|locked|as it is)|deadline (?:was|has"
        r"|passed|ended)"
        r"|(?:has|have|had) (?:already )?(?:expired|lapsed|passed|closed|ended|sold out))\b"
        r"|\b(?:no|not any|zero) (?:\w+ ){0,2}?(?:exceptions?|discounts?|refunds?|returns?|cash|room|extensions?)\b",
    ),
    # Secrecy forbids it; a crime does where something was bidden.
    spaced(
        "illegal",
        r"\b(?:is|are|stays?|remains?|kept|strictly|under) (?:\w+ ){0,2}?(?:confidential|private|secret"
        r"|protected|privileged)\b"
        r"(?! (?:offer|sale|browsing))",
    ),
    spaced(
        "policy",
        r"\b(?:fraud|forgery|forged|plagiarism|cheating|harassment|stalking|theft|libel|defamation|piracy"
        r"|a crime|illegal"
        r"|against the law|unlawful|copyright(?:ed)?|data protection|privacy|other people's|somebody else's"
        r"|someone else's"
        r"|hurts? (?:\w+ )?(?:people|others|someone)|harm(?:s|ful|ing)?|cruel|dangerous|unsafe|unfair)\b",
    ),
)
