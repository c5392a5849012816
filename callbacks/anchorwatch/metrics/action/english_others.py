"""English patterns of passing on, of care and of helping."""

from __future__ import annotations

from typing import Final

from .english_words import PROFESSION
from .rules import Rule, spaced

_TRANSFER_TO = (
    r"(?:colleagues?|agents?|teams?|humans?|representatives?|reps?|specialists?|supervisors?|managers?|department|"
    r"(?:customer |technical |our )?(?:support|service|care)\b|someone|person|advis[eo]rs?"
    r"|operators?|staff|tickets?|case|desk|expert|member)"
)
OTHERS: Final[tuple[Rule, ...]] = (
    spaced(
        "transfer",
        r"\b(?:i|we|let me|let us|let's|allow me to)(?:'ll| will|'m|'re| am| are|'ve| have|'d"
        r"| would)?(?: [a-z]+ly| now| just| also| already| going to| like to| be| have to| need to"
        r"| had to| gone ahead and){0,3} (?:connect|transferr?|forward|pass|escalat|refer|hand|rout"
        r"|redirect|direct|put|assign|bring|loop|flag|rais|open|submit|creat|log)(?:e|ed|ing|d|s"
        r"|t)? (?!(?:to )?(?:an? )?(?:doctor|lawyer))(?:[\w']+ ){0,7}?" + _TRANSFER_TO,
    ),
    spaced(
        "transfer",
        r"\b(?:case|request|order|issue|question|enquiry|inquiry|matter|complaint|message|claim"
        r"|conversation|ticket|it|this)(?: has| have|'s| is| was| will)?(?: been| be| being"
        r"| now)* (?:forwarded|escalated|passed|transferred|handed|referred|assigned|routed|opened"
        r"|raised|logged)(?: \w+){0,4}?(?: (?:to|with|for)\b)",
    ),
    spaced(
        "transfer",
        r"\b(?:a|an|one of|our|the|another|my)(?: [\w-]+){0,4}? (?:colleagues?|agents?|teams?|engineers?|technicians?"
        r"|representatives?|specialists?|supervisors?|managers?|person|member|advis[eo]rs?|someone"
        r"|human|staff)(?: \w+){0,3}? (?:will|'ll|is going to|can|has to|needs? to|must|should"
        r"|decides?|would)(?: \w+ly| now| then)? (?:contact|get back|take over|take it from|call"
        r"|review|reach out|be in touch|look into|look at|decide|join|follow up|assist|help|handle"
        r"|reply|respond|approve|be with|email|continue|check|make (?:the|this|that))",
    ),
    spaced(
        "transfer",
        r"\b(?:transferring|connecting|escalating|forwarding|handing|passing"
        r"|putting)(?: \w+){0,4}? (?:to|through|over|with|on)\b(?: \w+){0,5}? ?"
        + _TRANSFER_TO
        + r"|\bplease (?:hold|wait|stay on)(?: \w+){0,5} (?:while|until)(?: \w+){0,3} (?:connect"
        r"|transfer|agent|colleague)",
    ),
    spaced(
        "contact",
        r"\b(?:please|kindly|you (?:can|may|could|should|will need to|need to|must|'ll need to"
        r"|would need to|have to)|i (?:suggest|recommend|advise|ask)(?: that)? you|best to"
        r"|i'd suggest|it's best to|to do so|directly)?,? ?(?:contact(?:ing)?|call(?:ing)?"
        r"|email(?:ing)?|messag\w+|writ\w+ to|reach\w* out to|speak\w* (?:to|with)|talk\w* (?:to"
        r"|with)|get in touch with|ask\w*|turn to|phone|ring"
        r"|chat\w* with)(?: [a-z]+ly)? (?:to )?(?:our (?:[\w-]+ ){0,4}?(?:team|support|services?"
        r"|agents?|representatives?|colleagues?|manager|supervisor|help ?desk|care|staff|department"
        r"|humans?|specialists?|hotline)|us (?:at|on|by|via|directly)|(?:the |a |an )?(?:human|live"
        r"|customer|support|service)[ -](?:[\w-]+ ){0,2}?(?:agents?|support|service|team"
        r"|representatives?|care|colleagues?|staff|desk|chat|person)|(?:the |your )(?:store"
        r"|shop) (?:manager|team|staff))\b",
    ),
    spaced(
        "contact",
        r"\b(?:only|needs? (?:to be )?|must be |has to be |are |is |be )(?:\w+ )?(?:decided|handled"
        r"|approved|reviewed|made|authori[sz]ed|dealt with|done|taken)(?: \w+)? by (?:a|an|our"
        r"|one of our|the|my)(?: \w+){0,3} (?:colleague|person|human|agent|team|manager|supervisor"
        r"|specialist|staff|department|member)s?",
    ),
    spaced(
        "contact",
        r"\b(?:would you like|do you want|if you(?:'d)? like|shall i|i can"
        r"|want me)(?: \w+){0,5}? (?:connect|transfer|forward|escalate|pass|put)(?:s|ed"
        r"|ing)? (?:\w+ ){1,6}?" + _TRANSFER_TO,
    ),
    spaced(
        "transfer",
        r"\b(?:hand|put|pass|transfer|connect)(?:ing|ring)? you (?:over |through |on |across |straight )?(?:to|with)\b"
        r"|\b(?:let me|i'll|i will|i'm going to|i've) (?:just )?(?:get|fetch|find|grab|call|ask|asked|got)(?: you)?"
        r"(?: [\w-]+){0,3}? (?:human|person|manager|supervisor|colleague|agent|teams?|someone|department|one)\b"
        r"(?= (?:for|to|now|who|on|from)\b|[.,!])",
    ),
)

CARE: Final[tuple[Rule, ...]] = (
    spaced(
        "disclaim",
        rf"\bi(?:'m| am) (?:\w+ )?(?:not|neither) (?:an? |your )?(?:\w+ ){{0,4}}?{PROFESSION}|\b(?:i'm"
        rf"|i am) not (?:\w+ ){{0,2}}(?:qualified|licensed)",
    ),
    spaced(
        "disclaim",
        r"\bnot (?:a substitute for|intended (?:as|to (?:be|replace))|be (?:considered|taken"
        r"|construed) as|(?:medical|legal|financial|professional) advice)|\b(?:general|educational"
        r"|informational) (?:information )?(?:purposes )?only\b|\bfor (?:general|educational"
        r"|informational) purposes",
    ),
    spaced(
        "expert",
        r"\b(?:consult\w*|see|speak\w*|talk\w*|seek\w*|contact\w*|visit\w*|reach\w*|discuss\w*|ask\w*"
        r"|call\w*|check with|work\w* with|follow\w*|advice of|guidance of|guidance from|help from"
        r"|support from|advice from|report\w*|refer\w*|evaluated|recommended by|supervision of"
        r"|diagnosed|get|see|connect with|turn\w* to|enlist|hire|hiring|assistance of"
        r"|find)\b(?: [\w,'-]+){0,9}? " + PROFESSION + r"\b",
    ),
    spaced(
        "expert",
        r"\b(?:seek\w*|get|getting|need\w*|requires?|obtain\w*|find)(?: [\w,]+){0,3}? (?:medical"
        r"|professional|legal|immediate|emergency|mental health|psychological|expert"
        r"|financial)(?: [\w,]+){0,3}? (?:help|attention|advice|care|assistance|evaluation|support"
        r"|treatment|guidance|counsel\w*|diagnosis|services?)",
    ),
    spaced(
        "expert",
        r"\b(?:medical|mental health|legal|healthcare|health|trained|qualified"
        r"|licensed) (?:care )?(?:professional|provider|expert|practitioner)s? (?:can|will|who|for|to"
        r"|before|immediately|is|should)\b",
    ),
    spaced(
        "warn",
        r"\b(?:be|being|remain|stay) (?:\w+ )?(?:careful|cautious|skeptical|sceptical|wary|vigilant"
        r"|mindful)|\b(?:exercise|use|with|approach|advise|urge|need for|some"
        r"|proceed)(?: [\w-]+){0,4} (?:caution|care|skepticism|scepticism)\b|\bat your own risk"
        r"|\bwarning\b|\bcaution:|⚠|\bdo your (?:own )?(?:research|due diligence)|\bdue diligence\b"
        r"|\b(?:thorough|own) research\b",
    ),
    spaced(
        "warn",
        r"\b(?:important|essential|crucial|advisable|best|wise|recommended|vital"
        r"|always) to (?:\w+ly )?(?:verify|research|consider|be|approach|consult|do|conduct|evaluate"
        r"|check|rely|cross|fact|seek|weigh|take|prioriti[sz]e|exercise|have|discuss)",
    ),
    spaced(
        "warn",
        r"\b(?:can|could|may|might|is|are)(?: also| be| very| extremely| potentially| generally| pose"
        r"| have| cause| lead to| both| highly){0,3} (?:dangerous|risky|harmful|hazardous|toxic|fatal"
        r"|life-threatening|risks?|serious (?:\w+ )?(?:risks?|injur\w+|harm|side effects"
        r"|consequences))\b|\bnever (?:mix|take|use|attempt|share|leave|try)\b|\bmake sure (?:you|to"
        r"|that)\b",
    ),
    spaced(
        "expert",
        r"\bgo (?:straight |directly |immediately )?to (?:the |an? |your )?(?:nearest )?"
        r"(?:er|a&e|emergency|hospital|doctor|police|vet)\b",
    ),
    spaced(
        "unsafe",
        r"\b(?:watch out|beware|red flags?|phishing"
        r"|(?:do not|don't|never) (?:click|share your|send (?:them )?money))\b",
    ),
)

HELPING: Final[tuple[Rule, ...]] = (
    spaced(
        "comply",
        r"^\W*(?:sure|certainly|of course|absolutely|definitely|yes|yeah|yep|gladly|with pleasure"
        r"|happy to|no problem|okay|ok|great)\b(?!\W+(?:but|not|however)\b)",
    ),
    spaced(
        "comply",
        r"^\W*(?:[^.!?]{0,60}[,!;:-] +)?(?:here(?:'s| is| are| you go|’s)|below (?:is|are|you)"
        r"|the following|this is how|these are|let's (?:go|start|walk|take|look)|step 1|first,"
        r"|to (?:\w+ ){1,8}?,? ?(?:follow|you (?:can|will|'ll|need)|first|go to|click))\b",
    ),
    spaced(
        "comply",
        r"\b(?:i'd be|i would be|i'm|i am|we'd be|i'll be) (?:more than |very |so )?(?:happy|glad"
        r"|delighted) to (?:help|assist|guide|do|share|explain|tell|provide|walk"
        r"|offer)\b(?! (?:you )?(?:with )?(?:any|other|in any|an?other|with (?:any|other|something)))",
    ),
    spaced(
        "pivot",
        r"\b(?:however|but|that said|that being said|instead|nevertheless|nonetheless|still|though"
        r"|having said that|with that in mind|in the meantime"
        r"|what i can do)\b[, ]+(?:[\w']+ ){0,4}?(?:i|we)(?: \w+ly| still| also)? (?:can|could|will"
        r"|'ll|am able|may|do|would be (?:happy|glad)|'d be (?:happy|glad)|am happy|'m happy|have|try)",
    ),
    spaced(
        "pivot",
        r"\b(?:here(?:'s| is| are)|below (?:is|are)|the following|these (?:are|steps)|follow these"
        r"|(?:some|few|several|general)(?: \w+){0,4} (?:steps|tips|ways|ideas|points|suggestions"
        r"|options|information|guidance|factors|guidelines|possibilities|examples|methods|arguments"
        r"|insights|things))\b",
    ),
    spaced(
        "pivot",
        r"\bi can (?:still |instead |certainly |definitely |also |only |at least )?(?:provide|offer"
        r"|give|tell|share|suggest|help|explain|show|try|describe)\b",
    ),
    spaced(
        "pivot",
        r"\b(?:but|however|instead)[, ]+(?:you can|try|to (?:do|get|fix))\b|\byou can (?:still "
        r"|easily |simply |always )?(?:do (?:it|this|so)|follow|try)\b",
    ),
)
