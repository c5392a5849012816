"""English patterns of refusing and of not knowing."""

from __future__ import annotations

from typing import Final

from .english_words import ACT, ADV, BE, CANNOT, DENIED, EPISTEMIC, KNOW, ROLE, SPEAKER, START_CANNOT
from .rules import Rule, spaced

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
)

KNOWLEDGE: Final[tuple[Rule, ...]] = (
    spaced(
        "trait",
        r"\b(?:i|we|ai|an ai|models?)(?: [\w'-]+){0,3}? ?(?:do|does|can|could)(?:n't|not| not"
        r"|'t) (?:\w+ ){0,2}?(?:have|possess|hold|harbou?r|experience|feel|express"
        r"|take)(?: [\w'-]+){0,5}? (?:opinions?|feelings?|emotions?|beliefs?|consciousness|bod(?:y"
        r"|ies)|preferences?|views?|thoughts|gender|religion|biases|experiences?|self|identity"
        r"|physical|desires?|sides)\b",
    ),
    spaced(
        "trait",
        r"\b(?:i|we) (?:have no|lack)(?: [\w'-]+){0,3}? (?:opinions?|feelings?|emotions?|beliefs?"
        r"|consciousness|body|preferences?|views?|experiences?|identity|physical)\b",
    ),
    spaced(
        "unknown",
        r"\b(?:i|we)(?: [a-z]+ly| still| also| just| yet| currently| am just an ai and){0,2} (?:do"
        r"|did|does)(?:n't| not) (?:[a-z]+ly |yet ){0,2}(?:have|possess|hold|see|store|own|retain"
        r"|keep)\b(?! (?:a |any )?(?:problem|objection|issue|doubt|policy|plans)"
        r"| (?:[\w',-]+ ){0,4}?(?:opinions?|emotions?|feelings|beliefs?|views?|biases|preferences?"
        r"|thoughts on)\b)",
    ),
    spaced(
        "unknown",
        r"\b(?:i|we)(?: [a-z]+ly| still| also| just| yet| currently){0,2} (?:do|did)(?:n't"
        r"| not) (?:[a-z]+ly |yet ){0,2}(?:know|recall|remember|recogni[sz]e"
        r"|understand)\b(?! (?:\w+ ){0,3}but i do)",
    ),
    spaced(
        "unknown",
        r"\b(?:i|we) (?:\w+ly )?(?:have|had|'ve got|have got|'ve) (?:absolutely |currently "
        r"|really )?(?:no|never had|zero|neither)\b(?! (?:problem|objection|issue|doubt|trouble"
        r"|hesitation|choice))",
    ),
    spaced(
        "unknown",
        r"\b(?:i|we) (?:\w+ly )?lack\b|\b(?:i'm|i am|we're|we are|i was)(?: [a-z]+ly"
        r"| also){0,2} (?:not (?:\w+ly )?(?:aware|sure|certain|familiar|privy|in possession|100%"
        r"|connected|a (?:person|human)|human|real)|unaware|unsure|unfamiliar|uncertain|not given"
        r"|without (?:access|any))",
    ),
    spaced(
        "unknown",
        r"\b(?:i|we) (?:have|has|had)(?:n't| not) (?:\w+ ){0,2}?(?:been (?:\w+ly )?(?:trained|given"
        r"|provided|told|programmed)|heard|seen|received|access\w*|found|any|the)",
    ),
    spaced(
        "unknown",
        r"\b(?:no ?(?:one|body)|none of us|we cannot|one cannot) (?:can |could |really |truly "
        r"|actually ){0,2}?(?:knows?|predicts?|say|tell|foresee|be sure|guarantee)\b",
    ),
    spaced(
        "unknown",
        r"\b(?:it|that|this)(?:'s| is| would be|'d be|'s also| remains| was)(?: \w+){0,2}? (?:unknown"
        r"|unclear|uncertain|hard to (?:say|tell|know|predict)|difficult to (?:say|tell|know|predict"
        r"|determine|provide|assess|measure|verify|answer|estimate|give)"
        r"|impossible (?:\w+ ){0,3}?to \w+|not (?:\w+ )?(?:clear|known"
        r"|possible (?:\w+ ){0,3}?to (?:say|know|tell|predict|determine|provide|verify|confirm|give"
        r"|identify|assess|make)))",
    ),
    spaced(
        "unknown",
        r"\b(?:there(?:'s| is| are| was| were)|i (?:can|could) find|has|have)(?: [a-z]+ly| been"
        r"| as of now){0,2} (?:no|not any|limited|little"
        r"|insufficient)(?: [\w-]+){0,3}? (?:information|data|records?|reports?|announcements?"
        r"|details|confirmation|indication|mention|statements?|lawsuits|knowledge)\b",
    ),
    spaced(
        "unknown",
        r"\b(?:not|n't) (?:been )?(?:\w+ )?(?:publicly|public) (?:\w+ )?(?:available|disclosed|known"
        r"|announced|knowledge|information|shared|released|confirmed|record)"
        r"|\bnot (?:public knowledge|been (?:announced|disclosed|made public))|\bkept (?:confidential"
        r"|secret|private)",
    ),
    spaced(
        "unknown",
        r"\b(?:my|our) (?:\w+ ){0,2}?(?:knowledge|training(?: data)?|data|information|programming"
        r"|capabilit(?:y|ies)|abilit(?:y|ies)|access)(?: [\w-]+){0,4}? (?:is|are|was|only|were|do"
        r"|does|limits?)(?: \w+)?(?:n't| not| limited| last| cut| only| up| restricted| current"
        r"| based| goes| me)?\b(?= (?:\w+ ){0,3}(?:to|in|until|as of|include|extend|on|information"
        r"|real|have|20\d\d|september|october)\b)",
    ),
    spaced(
        "unknown",
        r"\b(?:beyond|outside(?: of)?) (?:the (?:scope|limits) of )?(?:my"
        r"|what i) (?:\w+ )?(?:knowledge|capabilit\w+|abilit\w+|understanding|expertise|know|training"
        r"|access)",
    ),
    spaced(
        "unknown",
        r"\b(?:can(?:not| not|'t)|could(?:n't| not)|(?:is|are)(?:n't"
        r"| not)) (?:\w+ )?be (?:\w+ly )?(?:determined|known|predicted|guaranteed|verified|confirmed"
        r"|ruled out|answered|established|measured)",
    ),
    spaced(
        "unknown",
        r"\b(?:i|we)(?:'d| would| will|'ll)? (?:only )?need (?:to know )?(?:a little |some "
        r"|much )?(?:more|additional|further) (?:\w+ ){0,2}(?:information|context|details|specific)"
        r"|\bnot (?:have )?enough (?:information|context|data|details)|\bwithout (?:(?:more|further"
        r"|additional|any|specific) (?:\w+ ){0,2}?(?:information|context|details)|knowing|access to)\b",
    ),
    spaced("unknown", r"\b(?:no|not aware of any) (?:\w+ )?known \w+"),
    spaced(
        "trait",
        r"\b(?:as of|since|until|before|after) my (?:\w+ ){0,3}(?:cut-?off|update|knowledge|training)"
        r"|\bknowledge cut-?off",
    ),
    spaced(
        "unknown",
        r"\bno (?:guarantee|way (?:of|for|to))\b(?! you)|\bremains? (?:to be seen|unknown|unclear)"
        r"|\b(?:anyone's|hard to) guess|\b(?:only|exist) (?:\w+ )?(?:in|within) the digital|\b(?:my"
        r"|our) best guess",
    ),
    spaced(
        "trait",
        r"\b(?:i'm|i am|as|being)(?: [a-z]+ly| just| only| an?| the){0,3} (?:ai"
        r"|artificial intelligence|language model|computer program|machine|virtual assistant"
        r"|chatbot)\b[\w' -]{0,40}?,?(?: and| so)? (?:i )?(?:do not|don't|cannot"
        r"|can't) (?:\w+ ){0,2}?(?:have|possess|experience|feel|exist)\b",
    ),
    spaced(
        "unknown",
        r"\b(?:isn't|is not|aren't|are not|not) (?:\w+ )?(?:visible|available|accessible|known"
        r"|shown|displayed) to (?:me|us)\b"
        r"|\b(?:i|we) (?:was|were|am|are|'m)(?:n't| not) (?:given|told|trained|provided|shown|informed)"
        r"|\b(?:has|have)(?:n't| not)(?: yet)? been (?:announced|decided|published|set|determined"
        r"|released|disclosed)",
    ),
)
