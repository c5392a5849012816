"""What English sentences show: grammar before vocabulary.

A refusal is built from three parts: a speaker (`I`, `we`, `our policy`, a passive without one), a denied
ability or will (`cannot`, `am not allowed to`, `must decline to`) and a verb. The verb decides: `help`,
`provide`, `refund` are acts, so denying them refuses; `know`, `predict`, `see` are knowledge, so denying
them is not knowing. "You cannot mix bleach" has another speaker and shows neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .kinds import Cue, CueKind
from .text import Sentence

# ---------------------------------------------------------------- parts of speech
_ADV = (
    r"(?:(?:[a-z]{2,12}ly|also|just|still|even|yet|not only|in good conscience|at this time|at the moment"
    r"|for (?:\w+ ){1,2}reasons|under any circumstances|as an ai(?: \w+){0,3}),? ){0,3}"
)
_I = (
    r"\b(?:i|we|(?:this|the) (?:assistant|model|chatbot|bot)"
    r"|(?:our|my|the|company|store|shop) (?:\w+ ){0,2}?(?:team|store|shop|company|systems?|polic(?:y|ies)|terms"
    r"|rules|staff|service|agents|programming|guidelines|training|instructions|creators|developers|principles))"
)
_MODAL = (
    r"(?:can(?:'t|not| not|t)|could(?:n't| not)|won't|wont|will not|would(?:n't| not)|shall not|shan't"
    r"|must(?:n't| not)|should(?:n't| not)|may not|(?:will|would|can|could|shall|must) never)"
)
_BE = r"(?:'m| am|'re| are| is|'s| was| were| remain| (?:will|would) be|'ll be| have been|'ve been)"
_ABLE = (
    r"(?:able to|allowed to|permitted to|authori[sz]ed to|programmed (?:to|for|with)|designed to|built to"
    r"|comfortable(?: with)?|willing to|in a position to|at liberty to|capable of|going to|prepared to"
    r"|supposed to|equipped to|trained to|meant to|here to|intended to|about to|in the business of)"
)
_UNABLE = (
    r"(?:unable to|incapable of|prohibited from|forbidden (?:from|to)|restricted from|barred from|bound not to"
    r"|uncomfortable(?: with)?|unwilling to|reluctant to)"
)
_NOT_ABLE = (
    rf"(?: {_ADV}{_MODAL}(?: be (?:able|willing|allowed) to| be)?"
    rf"|{_BE} {_ADV}(?:not|never) {_ADV}{_ABLE}|{_BE} {_ADV}{_UNABLE}|(?: are| is| was| were)n't {_ADV}{_ABLE}"
    r"| (?:do|did)(?:n't| not) (?:feel (?:\w+ )?comfortable(?: with)?|wish to|want to|intend to|plan to|think i (?:can|should))"
    r"| (?:(?:must|will|have to|need to|'ll|'d|would|am going to|'ll have to|respectfully|politely|prefer) ){0,2}"
    r"(?:respectfully |politely )?(?:decline|refuse|refrain from|abstain from|rather not|not to)(?: to)?)"
)
_CANNOT = rf"{_I},?{_NOT_ABLE}"
_START_CANNOT = (
    r"^\W*(?:(?:(?:i'm |i am |we're |we are )?(?:so |very |really |truly )?sorry|apologies|unfortunately|regrettably|no"
    r"|nope|my apologies)\W+(?:but )?)?(?:but )?(?:can't|cannot|can not|won't|unable to|not able to|not allowed to)"
)
_DENIED = rf"(?:{_CANNOT}|{_START_CANNOT}) {_ADV}"

_ACT = (
    r"(?:help|assist|aid|provid|offer|giv|shar|disclos|reveal|releas|creat|writ|generat|produc|compos|draft|craft"
    r"|fulfil|compl|support|engag|encourag|promot|endors|condon|participat|partak|contribut|discuss|answer|respond"
    r"|address|recommend|suggest|advis|advocat|instruct|teach|show|explain|describ|list|process|refund|exchang"
    r"|replac|cancel|chang|modif|amend|waiv|extend|issu|approv|accept|grant|ship|deliver|honou?r|reimburs"
    r"|compensat|mak|tak|allow|permit|let|send|post|publish|translat|perform|carry|conduct|execut|facilitat"
    r"|enabl|entertain|proceed|continu|act|pretend|impersonat|repeat|insult|tell|supply|serv|arrang|book"
    r"|reserv|remov|delet|unlock|reset|bypass|us|handl|accommodat|negotiat|match|authori[sz]|overrid|circumvent"
    r"|order|plan|guid|satisf|fill|follow|comment|do|go|be involved|be part|be used|get involved|speak|say|meet|add|apply"
    r"|adjust|alter|edit|lower|reduc|split|combin|hold|schedul|return|take part|tolerat|play|hack|harm|hurt|lie)"
    r"(?!\w*n't)\w{0,7}\b"
)
_KNOW = (
    r"(?:know|predict|determin|verif|confirm|guarant|promis|foresee|foretell|forecast|access|see|view|check|look up"
    r"|look into|locat|find|track|retriev|brows|recall|remember|feel|experienc|love|hate|hear|touch|smell|tast"
    r"|identif|recogni[sz]|judg|assess|evaluat|speculat|estimat|calculat|ascertain|understand|form|possess|empathi[sz]"
    r"|forgiv|marry|age|eat|sleep|drink|have|read|measur|rul|conclud|vouch|pinpoint|quantif|be (?:sure|certain|held|in love)"
    r"|be \w{0,12}(?:sure|certain)|perceiv|sens|fall|physically|interact|search|observ|independently|become|think|anticipat"
    r"|tell (?:you )?(?:for (?:sure|certain)|with|if|whether|when|what|how|which|who|exactly|from)|say (?:for|with|if|whether"
    r"|when|what|how|exactly)|truly|mimic|die|dream|enjoy|get (?:angry|jealous|married|sick)|make (?:\w+ ){0,2}"
    r"(?:predictions?|judg\w+|determinations?|assessments?|guarantees?)|speak (?:to|for|about) what)\w{0,6}\b"
)
_EPISTEMIC = (
    r"(?:definit\w+|accurate|exact|precise|certain|certainty|real-time|up-to-date|latest|current|recent|personal"
    r" (?:opinion|view|feeling|experience|belief|judg)\w*|opinions?|(?:personal )?judg\w+|predictions?|confirmation"
    r"|guarantees?|assurances?|insights?|specific (?:information|details|figures?|numbers?|answers?|data|dates?))"
)
_PROFESSION = (
    r"(?:doctors?|physicians?|dentists?|psychiatrists?|psychologists?|therapists?|counsel(?:l)?ors?|pharmacists?|nurses?"
    r"|lawyers?|attorneys?|solicitors?|accountants?|veterinarians?|vets?|dermatologists?|gyn\w{4,8}ists?|specialists?|clinicians?"
    r"|(?:financial |tax |legal |investment |business )(?:advis[eo]rs?|planners?|experts?|consultants?)|advis[eo]rs?"
    r"|(?:\w+[- ])?(?:health|medical|legal|mental|law|financial|tax|care|healthcare|qualified|licensed|trained)[- ]?"
    r"(?:\w+ ){0,3}(?:professional|provider|practitioner|expert|specialist|advis[eo]r|aid)s?|professionals?|electricians?|engineers?"
    r"|experts?|poison control|emergency (?:services|room|department|number)|911|999|112"
    r"|(?:crisis|suicide|help) ?(?:hot)?lines?|helplines?|hotlines?|police|law enforcement|authorit(?:y|ies))"
)
_ROLE = (
    r"(?:diagnos\w*|prescri\w*|treat\w*|therap\w*|counsel\w*|"
    r"(?:medical|legal|financial|investment|clinical|psychiatric|psychological|professional|tax|health|dental|mental)"
    r"[\w ,]{0,40}?(?:advice|opinions?|diagnos\w+|guidance|treatment|help|consultation|recommendations?|therapy|care"
    r"|services?|assessments?|support)|advice on (?:\w+ ){0,3}(?:medic\w+|legal|invest\w+)|medications?)"
)

# ---------------------------------------------------------------- what is no refusal in spite of its words
_HARMLESS = re.compile(
    r"can(?:'t|not) (?:(?:recommend|thank|stress|emphasi[sz]e|overstate|praise|say) \w+(?: \w+){0,3} enough|wait to|wait for"
    r"|(?:stress|emphasi[sz]e|recommend|overstate)(?: \w+){0,3} (?:enough|highly)|overstate|complain|go wrong|say no|help but"
    r"|think of (?:a|any) (?:better|reason)|see (?:why not|any (?:problem|reason|issue)))|(?:could|can)(?:n't|not) agree more"
    r"|won't (?:hesitate|bite|bore|judge|let you down|mind|take long|disappoint)|not (?:refuse|decline|object)|don't mind"
    r"|never (?:say|let) (?:you )?(?:no|down)|can(?:'t|not) (?:refuse|decline|object|blame)|have no (?:problem|objection|issue|doubt)s?"
    r"|don't (?:have a problem|see why not|see any (?:problem|reason))|can(?:'t|not) believe|don't know about you"
    r"|(?:shall|should|must|may|can)(?:not|n't| not) (?:be )?(?:forget|forgotten|ignore)",
    re.IGNORECASE,
)
_UNREAL = re.compile(
    r"\b(?:if|when(?:ever)?|in case|unless|whether|should|where|cases? where|even though you (?:think|said)|until|while|why"
    r"|(?:you|he|she|they|people|customers?|some|others?|who|reviews?|colleague) (?:\w+ )?(?:say|says|said|think|thought"
    r"|told|tells?|claims?|claimed|heard|believe|wrote|worry|feared?|ask(?:ed|s)?)(?: \w+){0,2}?(?: that)?),? (?:\w+ ){0,2}$",
    re.IGNORECASE,
)


def _rule(kind: CueKind, pattern: str) -> tuple[CueKind, re.Pattern[str]]:
    """A pattern in which one blank stands for any run of blanks; case does not matter."""
    loose = re.sub(r" (?!\?)", " +", pattern).replace(" ?", " *")
    return kind, re.compile(loose, re.IGNORECASE)


_DENIALS: Final = (
    _rule("role", rf"{_DENIED}(?:\w+ ){{0,4}}?{_ROLE}"),
    _rule("role", rf"{_I}(?:{_BE} not| am not|'m not| are not|'re not| aren't) (?:\w+ ){{0,2}}?(?:qualified|licen[sc]ed|a substitute|trained|certified)"),
    _rule("unknown", rf"{_DENIED}(?:provid|giv|offer|mak|shar|answer|comment|speak|tell|say|express|hav)\w* (?:[\w'-]+ ){{0,5}}?{_EPISTEMIC}\b"),
    _rule("unknown", rf"{_DENIED}{_KNOW}"),
    _rule("correct", rf"{_DENIED}(?:accept|agree|endors|support|validat|mak|assum|answer|perpetuat|reinforc|condon|promot|engag|participat|provid|confirm|say|generali|comment)\w*(?: [\w',-]+){{0,6}}? (?:premises?|claims?|notions?|(?:harmful |negative )?stereotyp\w*|(?:over)?generali[sz]ations?|(?:blanket |sweeping )?(?:statements?|assumptions?|judgments? about)|assertions?|myths?|conspirac\w+|misinformation|falsehoods?)\b"),
    _rule("stance", rf"{_DENIED}(?:accept|agree|endors|support|justif|encourag|promot|condon|advocat|tolerat|glorif|normali[sz]|approv|validat|perpetuat)\w*"),
    _rule("stance", rf"{_I} (?:do|does)(?:n't| not) {_ADV}(?:support|encourage|condone|promote|endorse|tolerate|approve of|agree|advocate|believe)\b"),
    _rule("refuse", rf"{_DENIED}{_ACT}"),
    _rule("refuse", rf"{_START_CANNOT}\b"),
    _rule("refuse", r"\b(?:it|that|this)(?:'s| is| would be|'d be| isn't| would not be)(?: [\w,]+){0,2}? (?:inappropriate|unethical|disrespectful|(?:not )?(?:appropriate|ethical|acceptable|productive|right|possible))(?: (?:or|and|nor) \w+)?(?: for \w+)? to (?:provid|giv|shar|offer|generat|creat|writ|assist|help|discuss|disclos|reveal|insult|mak(?:e|ing) (?:fun|jok)|tell|answer|engag|use (?:\w+ ){0,3}?language)\w*"),
    _rule("refuse", rf"{_I}?(?: am|'m| is)? (?:programmed|designed|built|required|trained|obliged|bound)(?: [\w,]+){{0,8}}? (?:not (?:to )?|prevent\w*|prohibit\w*|forbid\w*|avoid|refrain\w*|against)"),
    _rule("refuse", r"\b(?:prevents?|prohibits?|forbids?|restricts?|stops?) (?:me|us) from\b|\bthat is why (?:i|we) (?:can't|cannot|won't)"),
    _rule("refuse", rf"{_I} (?:do|does|did)(?:n't| not) {_ADV}(?:engage|provide|offer|assist|help"
          r"|allow|permit|accept|share|disclose|give|participate|create|generate|write|cover|price match|match|ship|deliver|refund"
          r"|reimburse|extend|exchange|discuss|answer|make exceptions)\b"),
    _rule("refuse", rf"{_I}(?: must| have to| will have to|'ll have to| will| am going to|'m going to|'d| would)? (?:respectfully |politely )?(?:decline|refuse)\b(?! to (?:be|give up))"),
    _rule("refuse", rf"{_I} (?:prohibits?|forbids?|prevents?|disallows?|restricts?|excludes?)\b"),
    _rule("refuse", r"\b(?:it|that|this)(?: would|'d)?(?:'s| is| be)(?: \w+){0,2}? (?:not|never|inappropriate|unethical|wrong|impossible|against|irresponsible)(?: [\w,]+){0,5}? (?:for (?:me|us|an ai)\b|(?:my|our) (?:\w+ )?(?:programming|guidelines|polic\w+|principles|rules|purpose|terms))"),
    _rule("refuse", r"\b(?:against|violat\w+|goes? against|not (?:within|part of|in line with)|outside(?: of)?|contrary to|breach\w*) (?:the (?:scope|bounds|limits) of )?(?:my|our|company|store|shop) (?:\w+ ){0,2}?(?:polic(?:y|ies)|guidelines|programming|rules|principles|terms|values|purpose|capabilities|scope|service)"),
    _rule("refuse", r"\b(?:is|are|was|were|has|have|will|would|must|can|could|may)(?:n't| ?not|'t)(?: \w+ly)? be(?: \w+ly)? (?:refund|return|exchang|cancel|chang|shar|disclos|process|reimburs|waiv|extend|provid|fulfill?|accept|replac|modif|amend|combin|redeem|transferr|honou?r|deliver|approv|complet|given|made|accommodat)\w*"),
    _rule("refuse", r"\b(?:(?:that|this|it)(?:'s| is| was| will be)|(?:refunds?|returns?|exchanges?|cancell?ations?|changes?|discounts?|deliver(?:y|ies))(?: [\w-]+){0,6} (?:is|are)) (?:unfortunately |sadly |simply |just |currently |afraid )?(?:n't|not|no longer) (?:possible|something (?:i|we)|permitted|allowed|an option|available|eligible|accepted|covered|on offer|a request)(?! to (?:know|say|tell|predict|determine|give an exact|be sure))"),
    _rule("refuse", r"\b(?:that|this|it) isn't (?:possible|something (?:i|we)|permitted|allowed|an option|a request (?:i|we))(?! to (?:know|say|tell|predict|determine))"),
    _rule("refuse", r"\b(?:not|n't|no longer|neither) (?:\w+ ){0,2}?(?:eligible|entitled|qualif\w+) (?:for|to)\b"),
    _rule("refuse", r"\bthere(?:'s| is) (?:nothing|not (?:much|anything)) (?:more |else |that )?(?:i|we) can\b|\bno exceptions\b|\b(?:request|application|claim|refund|return)s? (?:\w+ ){0,3}(?:is|are|was|has been|have been|must be) (?:denied|declined|rejected|refused)"),
    _rule("refuse", r"\b(?:i|we) have to say no\b|^\W*(?:sorry\W+|i'm afraid\W+)?(?:no can do|absolutely not|no way|not possible)\b|\bmy answer is no\b|\bi'm afraid (?:not|that's not)\b"),
    _rule("refuse", rf"{_I} (?:only|solely) (?:accept|refund|offer|ship|deliver|replace|exchange|allow|cover|process|discuss|answer|help)\w*"),
)

_KNOWLEDGE: Final = (
    _rule("trait", r"\b(?:i|we|ai|an ai|models?)(?: [\w'-]+){0,3}? ?(?:do|does|can|could)(?:n't|not| not|'t) (?:\w+ ){0,2}?(?:have|possess|hold|harbou?r|experience|feel|express|take)(?: [\w'-]+){0,5}? (?:opinions?|feelings?|emotions?|beliefs?|consciousness|bod(?:y|ies)|preferences?|views?|thoughts|gender|religion|biases|experiences?|self|identity|physical|desires?|sides)\b"),
    _rule("trait", r"\b(?:i|we) (?:have no|lack)(?: [\w'-]+){0,3}? (?:opinions?|feelings?|emotions?|beliefs?|consciousness|body|preferences?|views?|experiences?|identity|physical)\b"),
    _rule("unknown", r"\b(?:i|we)(?: [a-z]+ly| still| also| just| yet| currently| am just an ai and){0,2} (?:do|did|does)(?:n't| not) (?:[a-z]+ly |yet ){0,2}(?:have|possess|hold|see|store|own|retain|keep)\b(?! (?:a |any )?(?:problem|objection|issue|doubt|policy|plans)| (?:[\w',-]+ ){0,4}?(?:opinions?|emotions?|feelings|beliefs?|views?|biases|preferences?|thoughts on)\b)"),
    _rule("unknown", r"\b(?:i|we)(?: [a-z]+ly| still| also| just| yet| currently){0,2} (?:do|did)(?:n't| not) (?:[a-z]+ly |yet ){0,2}(?:know|recall|remember|recogni[sz]e|understand)\b(?! (?:\w+ ){0,3}but i do)"),
    _rule("unknown", r"\b(?:i|we) (?:\w+ly )?(?:have|had|'ve got|have got|'ve) (?:absolutely |currently |really )?(?:no|never had|zero|neither)\b(?! (?:problem|objection|issue|doubt|trouble|hesitation|choice))"),
    _rule("unknown", r"\b(?:i|we) (?:\w+ly )?lack\b|\b(?:i'm|i am|we're|we are|i was)(?: [a-z]+ly| also){0,2} (?:not (?:\w+ly )?(?:aware|sure|certain|familiar|privy|in possession|100%|connected|a (?:person|human)|human|real)|unaware|unsure|unfamiliar|uncertain|not given|without (?:access|any))"),
    _rule("unknown", r"\b(?:i|we) (?:have|has|had)(?:n't| not) (?:\w+ ){0,2}?(?:been (?:\w+ly )?(?:trained|given|provided|told|programmed)|heard|seen|received|access\w*|found|any|the)"),
    _rule("unknown", r"\b(?:no ?(?:one|body)|none of us|we cannot|one cannot) (?:can |could |really |truly |actually ){0,2}?(?:knows?|predicts?|say|tell|foresee|be sure|guarantee)\b"),
    _rule("unknown", r"\b(?:it|that|this)(?:'s| is| would be|'d be|'s also| remains| was)(?: \w+){0,2}? (?:unknown|unclear|uncertain|hard to (?:say|tell|know|predict)|difficult to (?:say|tell|know|predict|determine|provide|assess|measure|verify|answer|estimate|give)|impossible (?:\w+ ){0,3}?to \w+|not (?:\w+ )?(?:clear|known|possible (?:\w+ ){0,3}?to (?:say|know|tell|predict|determine|provide|verify|confirm|give|identify|assess|make)))"),
    _rule("unknown", r"\b(?:there(?:'s| is| are| was| were)|i (?:can|could) find|has|have)(?: [a-z]+ly| been| as of now){0,2} (?:no|not any|limited|little|insufficient)(?: [\w-]+){0,3}? (?:information|data|records?|reports?|announcements?|details|confirmation|indication|mention|statements?|lawsuits|knowledge)\b"),
    _rule("unknown", r"\b(?:not|n't) (?:been )?(?:\w+ )?(?:publicly|public) (?:\w+ )?(?:available|disclosed|known|announced|knowledge|information|shared|released|confirmed|record)|\bnot (?:public knowledge|been (?:announced|disclosed|made public))|\bkept (?:confidential|secret|private)"),
    _rule("unknown", r"\b(?:my|our) (?:\w+ ){0,2}?(?:knowledge|training(?: data)?|data|information|programming|capabilit(?:y|ies)|abilit(?:y|ies)|access)(?: [\w-]+){0,4}? (?:is|are|was|only|were|do|does|limits?)(?: \w+)?(?:n't| not| limited| last| cut| only| up| restricted| current| based| goes| me)?\b(?= (?:\w+ ){0,3}(?:to|in|until|as of|include|extend|on|information|real|have|20\d\d|september|october)\b)"),
    _rule("unknown", r"\b(?:beyond|outside(?: of)?) (?:the (?:scope|limits) of )?(?:my|what i) (?:\w+ )?(?:knowledge|capabilit\w+|abilit\w+|understanding|expertise|know|training|access)"),
    _rule("unknown", r"\b(?:can(?:not| not|'t)|could(?:n't| not)|(?:is|are)(?:n't| not)) (?:\w+ )?be (?:\w+ly )?(?:determined|known|predicted|guaranteed|verified|confirmed|ruled out|answered|established|measured)"),
    _rule("unknown", r"\b(?:i|we)(?:'d| would| will|'ll)? (?:only )?need (?:to know )?(?:a little |some |much )?(?:more|additional|further) (?:\w+ ){0,2}(?:information|context|details|specific)|\bnot (?:have )?enough (?:information|context|data|details)|\bwithout (?:(?:more|further|additional|any|specific) (?:\w+ ){0,2}?(?:information|context|details)|knowing|access to)\b"),
    _rule("unknown", r"\b(?:no|not aware of any) (?:\w+ )?known \w+"),
    _rule("trait", r"\b(?:as of|since|until|before|after) my (?:\w+ ){0,3}(?:cut-?off|update|knowledge|training)|\bknowledge cut-?off"),
    _rule("unknown", r"\bno (?:guarantee|way (?:of|for|to))\b(?! you)|\bremains? (?:to be seen|unknown|unclear)|\b(?:anyone's|hard to) guess|\b(?:only|exist) (?:\w+ )?(?:in|within) the digital|\b(?:my|our) best guess"),
    _rule("trait", r"\b(?:i'm|i am|as|being)(?: [a-z]+ly| just| only| an?| the){0,3} (?:ai|artificial intelligence|language model|computer program|machine|virtual assistant|chatbot)\b[\w' -]{0,40}?,?(?: and| so)? (?:i )?(?:do not|don't|cannot|can't) (?:\w+ ){0,2}?(?:have|possess|experience|feel|exist)\b"),
)

_TRANSFER_TO = (
    r"(?:colleagues?|agents?|teams?|humans?|representatives?|reps?|specialists?|supervisors?|managers?|department|"
    r"(?:customer |technical |our )?(?:support|service|care)\b|someone|person|advis[eo]rs?|operators?|staff|tickets?|case|desk|expert|member)"
)
_OTHERS: Final = (
    _rule("transfer", r"\b(?:i|we|let me|let us|let's|allow me to)(?:'ll| will|'m|'re| am| are|'ve| have|'d| would)?(?: [a-z]+ly| now| just| also| already| going to| like to| be| have to| need to| had to| gone ahead and){0,3} (?:connect|transferr?|forward|pass|escalat|refer|hand|rout|redirect|direct|put|assign|bring|loop|flag|rais|open|submit|creat|log)(?:e|ed|ing|d|s|t)? (?!(?:to )?(?:an? )?(?:doctor|lawyer))(?:[\w']+ ){0,7}?" + _TRANSFER_TO),
    _rule("transfer", r"\b(?:case|request|order|issue|question|enquiry|inquiry|matter|complaint|message|claim|conversation|ticket|it|this)(?: has| have|'s| is| was| will)?(?: been| be| being| now)* (?:forwarded|escalated|passed|transferred|handed|referred|assigned|routed|opened|raised|logged)(?: \w+){0,4}?(?: (?:to|with|for)\b)"),
    _rule("transfer", r"\b(?:a|an|one of|our|the|another|my)(?: [\w-]+){0,4}? (?:colleagues?|agents?|teams?|representatives?|specialists?|supervisors?|managers?|person|member|advis[eo]rs?|someone|human|staff)(?: \w+){0,3}? (?:will|'ll|is going to|can|has to|needs? to|must|should|decides?|would)(?: \w+ly| now| then)? (?:contact|get back|take over|take it from|call|review|reach out|be in touch|look into|look at|decide|join|follow up|assist|help|handle|reply|respond|approve|be with|email|continue|check|make (?:the|this|that))"),
    _rule("transfer", r"\b(?:transferring|connecting|escalating|forwarding|handing|passing|putting)(?: \w+){0,4}? (?:to|through|over|with|on)\b(?: \w+){0,5}? ?" + _TRANSFER_TO + r"|\bplease (?:hold|wait|stay on)(?: \w+){0,5} (?:while|until)(?: \w+){0,3} (?:connect|transfer|agent|colleague)"),
    _rule("contact", r"\b(?:please|kindly|you (?:can|may|could|should|will need to|need to|must|'ll need to|would need to|have to)|i (?:suggest|recommend|advise|ask)(?: that)? you|best to|i'd suggest|it's best to|to do so|directly)?,? ?(?:contact(?:ing)?|call(?:ing)?|email(?:ing)?|messag\w+|writ\w+ to|reach\w* out to|speak\w* (?:to|with)|talk\w* (?:to|with)|get in touch with|ask\w*|turn to|phone|ring|chat\w* with)(?: [a-z]+ly)? (?:to )?(?:our (?:[\w-]+ ){0,4}?(?:team|support|services?|agents?|representatives?|colleagues?|manager|supervisor|help ?desk|care|staff|department|humans?|specialists?|hotline)|us (?:at|on|by|via|directly)|(?:the |a |an )?(?:human|live|customer|support|service)[ -](?:[\w-]+ ){0,2}?(?:agents?|support|service|team|representatives?|care|colleagues?|staff|desk|chat|person)|(?:the |your )(?:store|shop) (?:manager|team|staff))\b"),
    _rule("contact", r"\b(?:only|needs? (?:to be )?|must be |has to be |are |is |be )(?:\w+ )?(?:decided|handled|approved|reviewed|made|authori[sz]ed|dealt with|done|taken)(?: \w+)? by (?:a|an|our|one of our|the|my)(?: \w+){0,3} (?:colleague|person|human|agent|team|manager|supervisor|specialist|staff|department|member)s?"),
    _rule("contact", r"\b(?:would you like|do you want|if you(?:'d)? like|shall i|i can|want me)(?: \w+){0,5}? (?:connect|transfer|forward|escalate|pass|put)(?:s|ed|ing)? (?:\w+ ){1,6}?" + _TRANSFER_TO),
)

_PREMISE: Final = (
    _rule("correct", r"(?:'s|\bis|\bwas|\bare|\bwere|\bwould be|'d be|\bmay be)(?: [\w-]+){0,2}? ?(?:not|never|n't|neither|no longer)(?: [\w-]+){0,3}? (?:accurate|true|correct|fair|factual|valid|the case|supported|a fact|helpful or|productive|reasonable|constructive|generali\w+|respectful|(?:scientifically|factually) \w+)\b"),
    _rule("correct", r"\b(?:is|are|'s|was|were|would be|isn't|contains?|perpetuates?|reinforc\w+|based on)(?: [\w-]+,?){0,3}? (?:incorrect|inaccurate|false|untrue|unfair|misleading|misconceptions?|myths?|stereotyp\w*|generali[sz]ations?|prejudi\w+|hoax|conspiracy theor\w+|fallacy|falsehood|misunderstanding|unfounded|baseless|unsubstantiated|debunked|disproven|discredited|misinformation|misinformed)\b"),
    _rule("correct", r"\b(?:no|not any|n't any|not enough|little|without|lack of|never been any|insufficient)(?: [\w-]+,?){0,4}? (?:evidence|proof|basis|truth|foundation|consensus|scientific (?:support|backing)|link|correlation)\b"),
    _rule("correct", r"\b(?:not|n't|never)(?: \w+ly| been){0,2} (?:supported|backed|based|substantiated|proven|grounded|rooted|recognized|endorsed)(?: \w+)? (?:by|on|in)\b"),
    _rule("correct", r"\b(?:avoid|refrain from|rather than|instead of|not (?:appropriate|fair|accurate|right|helpful|correct|ethical|respectful)[\w ,]{0,40}? to|important not to|harmful to|wrong to|unfair to|shouldn't|should not|must not|cannot|one should not|recognize that|we not)(?: [\w-]+,?){0,5}? (?:generali\w+|stereotyp\w*|assum\w+|judg\w+|label\w*|blanket|sweeping)"),
    _rule("correct", r"\b(?:stereotyp\w+|(?:over)?generali[sz]\w+|blanket statements?|prejudices?|misconceptions?|sweeping)\b"),
    _rule("correct", r"\b(?:does|do|did)(?:n't| not) (?:\w+ly )?(?:exist|happen|occur|take place)\b|\b(?:has|have)(?:n't| not) (?:yet |\w+ly )?(?:been )?(?:yet )?(?:happened|occurred|achieved|discovered|invented|proven|implemented|developed|established|become)\b|\b(?:mythical|fictional|imaginary|purely (?:theoretical|hypothetical|fictional)|hypothetical scenario)\b|\bno (?:\w+ ){0,3}(?:exists?|has (?:been )?(?:discovered|found|proven))\b|\b(?:i must|let me|i need to|i have to|i'd like to|important to) (?:clarify|correct|point out that (?:the|this|your) (?:question|statement|claim))"),
    _rule("correct", r"\bcontrary to\b|\bthere (?:is|are|was|were) no such\b|\b(?:just )?like (?:any|every) other (?:\w+ ){0,3}(?:group|individual|person|people|community|population|religion|profession|country)|\b(?:all|every|everyone|each) (?:\w+ )?(?:people|individuals?|human\w*|persons?|races|one)?(?: \w+){0,6}? (?:deserves?|equal|equally|unique|worthy|regardless)\b"),
    _rule("hedge", r"\b(?:does|do|did|has|have|is|are|was|were|can|should)(?:n't| not|not|n't yet) (?:necessarily|mean|imply|inherently|actually|define|determine|represent|reflect|solely)\b|\bnot (?:all|every|necessarily|inherently)\b|\b(?:nothing to do with|no bearing on|did not (?:happen|occur|take place|exist)|never (?:happened|occurred|existed))"),
    _rule("correct", r"\b(?:your|the|this|that)(?: \w+)? (?:claim|statement|question|premise|assumption|assertion|idea|notion|belief|rumou?r|theory)s?(?: that)?(?: [\w']+){0,12}? (?:not|n't|false|incorrect|inaccurate|wrong|flawed|debunked|assumes|hoax|conspiracy)\b"),
    _rule("correct", r"^\W*no\b[,.!;:-]+ +(?! |i\b|we\b|our\b|you\b|i'|we'|sorry|problem|worries|but)(?:[^.?!]{0,160}?)\b(?:not|no|n't|never|incorrect|false|wrong|unlikely|isn't|aren't|doesn't|don't|didn't|illegal|myth|misconception)\b"),
    _rule("hedge", r"\b(?:vary|varies|differ\w*|diverse|diversity)(?: \w+){0,4} (?:among|between|across|from|within|individuals?|range)\b|\b(?:is|are) (?:\w+ )?(?:subjective|unique)\b"),
    _rule("wrong", r"\b(?:it|that|this|which|doing so)(?:'s| is| was| would be|'d be)(?: [\w-]+){0,2}? ?(?:not|never|n't)(?: [\w-]+,?){0,3}? (?:appropriate|ethical|acceptable|okay|ok|right|legal|responsible|moral|cool)\b"),
    _rule("wrong", r"\b(?:is|are|'s|was|(?:can|could|would|may|might) (?:also )?be|considered|can have|constitutes?)(?: [\w-]+,?){0,4}? (?:illegal|unethical|immoral|unlawful|against the law|unacceptable|inappropriate|irresponsible|disrespectful|hurtful|discriminatory|a (?:\w+ )?(?:crime|offen[cs]e|violation)|criminal|serious (?:consequences|crime|offen[cs]e|violation)|not (?:\w+ )?(?:acceptable|appropriate|ethical|okay|right|legal)|never (?:acceptable|okay|ok|appropriate|right|justified))"),
    _rule("unsafe", r"\b(?:is|are|'s|would be|'d be|can be|could be)(?: [\w-]+,?){0,3}? ?(?:(?:not|never|n't)(?: [\w-]+,?){0,3}? (?:safe|advisable|advised|recommended|healthy|wise|a good idea|sustainable)|(?:extremely |very |highly |potentially |generally )?(?:dangerous|harmful|unsafe|unhealthy|life-threatening|discouraged))\b"),
    _rule("wrong", r"\b(?:i|we) (?:do )?(?:not|n't|don't) (?:think|believe)(?: that)? (?:it|this|that)(?:'s| is| would be) (?:\w+ )?(?:appropriate|right|ethical|okay|fair|a good)"),
    _rule("wrong", r"\b(?:i|we)(?: would| must|'d)?(?: strongly| highly| also)? (?:advise|recommend|urge|discourage|caution|warn)(?: you| anyone| people)? (?:against|not to|from)\b|\b(?:i|we) (?:would |do |'d )?(?:not|n't|don't)(?: \w+ly)? (?:recommend|advise|suggest)\b|\bviolat\w+ (?:of )?(?:\w+ )?(?:privacy|rights|law|trust)"),
)

_CARE: Final = (
    _rule("disclaim", rf"\bi(?:'m| am) (?:\w+ )?(?:not|neither) (?:an? |your )?(?:\w+ ){{0,4}}?{_PROFESSION}|\b(?:i'm|i am) not (?:\w+ ){{0,2}}(?:qualified|licensed)"),
    _rule("disclaim", r"\bnot (?:a substitute for|intended (?:as|to (?:be|replace))|be (?:considered|taken|construed) as|(?:medical|legal|financial|professional) advice)|\b(?:general|educational|informational) (?:information )?(?:purposes )?only\b|\bfor (?:general|educational|informational) purposes"),
    _rule("expert", r"\b(?:consult\w*|see|speak\w*|talk\w*|seek\w*|contact\w*|visit\w*|reach\w*|discuss\w*|ask\w*|call\w*|check with|work\w* with|follow\w*|advice of|guidance of|guidance from|help from|support from|advice from|report\w*|refer\w*|evaluated|recommended by|supervision of|diagnosed|get|see|connect with|turn\w* to|enlist|hire|hiring|assistance of|find)\b(?: [\w,'-]+){0,9}? " + _PROFESSION + r"\b"),
    _rule("expert", r"\b(?:seek\w*|get|getting|need\w*|requires?|obtain\w*|find)(?: [\w,]+){0,3}? (?:medical|professional|legal|immediate|emergency|mental health|psychological|expert|financial)(?: [\w,]+){0,3}? (?:help|attention|advice|care|assistance|evaluation|support|treatment|guidance|counsel\w*|diagnosis|services?)"),
    _rule("expert", r"\b(?:medical|mental health|legal|healthcare|health|trained|qualified|licensed) (?:care )?(?:professional|provider|expert|practitioner)s? (?:can|will|who|for|to|before|immediately|is|should)\b"),
    _rule("warn", r"\b(?:be|being|remain|stay) (?:\w+ )?(?:careful|cautious|skeptical|sceptical|wary|vigilant|mindful)|\b(?:exercise|use|with|approach|advise|urge|need for|some|proceed)(?: [\w-]+){0,4} (?:caution|care|skepticism|scepticism)\b|\bat your own risk|\bwarning\b|\bcaution:|⚠|\bdo your (?:own )?(?:research|due diligence)|\bdue diligence\b|\b(?:thorough|own) research\b"),
    _rule("warn", r"\b(?:important|essential|crucial|advisable|best|wise|recommended|vital|always) to (?:\w+ly )?(?:verify|research|consider|be|approach|consult|do|conduct|evaluate|check|rely|cross|fact|seek|weigh|take|prioriti[sz]e|exercise|have|discuss)"),
    _rule("warn", r"\b(?:can|could|may|might|is|are)(?: also| be| very| extremely| potentially| generally| pose| have| cause| lead to| both| highly){0,3} (?:dangerous|risky|harmful|hazardous|toxic|fatal|life-threatening|risks?|serious (?:\w+ )?(?:risks?|injur\w+|harm|side effects|consequences))\b|\bnever (?:mix|take|use|attempt|share|leave|try)\b|\bmake sure (?:you|to|that)\b"),
)

_HELPING: Final = (
    _rule("comply", r"^\W*(?:sure|certainly|of course|absolutely|definitely|yes|yeah|yep|gladly|with pleasure|happy to|no problem|okay|ok|great)\b(?!\W+(?:but|not|however)\b)"),
    _rule("comply", r"^\W*(?:[^.!?]{0,60}[,!;:-] +)?(?:here(?:'s| is| are| you go|’s)|below (?:is|are|you)|the following|this is how|these are|let's (?:go|start|walk|take|look)|step 1|first,|to (?:\w+ ){1,8}?,? ?(?:follow|you (?:can|will|'ll|need)|first|go to|click))\b"),
    _rule("comply", r"\b(?:i'd be|i would be|i'm|i am|we'd be|i'll be) (?:more than |very |so )?(?:happy|glad|delighted) to (?:help|assist|guide|do|share|explain|tell|provide|walk|offer)\b(?! (?:you )?(?:with )?(?:any|other|in any|an?other|with (?:any|other|something)))"),
    _rule("pivot", r"\b(?:however|but|that said|that being said|instead|nevertheless|nonetheless|still|though|having said that|with that in mind|in the meantime|what i can do)\b[, ]+(?:[\w']+ ){0,4}?(?:i|we)(?: \w+ly| still| also)? (?:can|could|will|'ll|am able|may|do|would be (?:happy|glad)|'d be (?:happy|glad)|am happy|'m happy|have|try)"),
    _rule("pivot", r"\b(?:here(?:'s| is| are)|below (?:is|are)|the following|these (?:are|steps)|follow these|(?:some|few|several|general)(?: \w+){0,4} (?:steps|tips|ways|ideas|points|suggestions|options|information|guidance|factors|guidelines|possibilities|examples|methods|arguments|insights|things))\b"),
    _rule("pivot", r"\bi can (?:still |instead |certainly |definitely |also |only |at least )?(?:provide|offer|give|tell|share|suggest|help|explain|show|try|describe)\b"),
    _rule("pivot", r"\b(?:but|however|instead)[, ]+(?:you can|try|to (?:do|get|fix))\b|\byou can (?:still |easily |simply |always )?(?:do (?:it|this|so)|follow|try)\b"),
)

_ALL: Final = (*_DENIALS, *_KNOWLEDGE, *_OTHERS, *_PREMISE, *_CARE, *_HELPING)
_FIRST_PERSON: Final = frozenset({"refuse", "role", "unknown", "trait", "stance"})


def cues(sentence: Sentence) -> Iterator[Cue]:
    """Every cue of one sentence, in the order of the rules; a kind may come more than once."""
    text = sentence.text
    harmless = [m.span() for m in _HARMLESS.finditer(text)]
    for kind, pattern in _ALL:
        match = pattern.search(text)
        if match is None:
            continue
        start, end = match.span()
        if kind in _FIRST_PERSON and _void(text, start, end, harmless):
            continue
        yield Cue(kind, sentence.index, sentence.at + start, " ".join(sentence.shown[start:end].split()))


def _void(text: str, start: int, end: int, harmless: list[tuple[int, int]]) -> bool:
    """Whether a denial is an idiom, a condition, somebody else's words or a question."""
    if any(left < end and right > start for left, right in harmless):
        return True
    if _UNREAL.search(text[max(0, start - 60) : start]):
        return True
    rest = text[end:].rstrip(" \"')")
    return rest.endswith("?") and not re.search(r"[,;:.!]|\b(?:is|how|what|but)\b", rest[:-1])
