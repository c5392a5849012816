"""The English parts of speech that the other `english_` modules build their patterns from."""

from __future__ import annotations

ADV = (
    r"(?:(?:[a-z]{2,12}ly|also|just|still|even|yet|not only|in good conscience|at this time|at the moment"
    r"|for (?:\w+ ){1,2}reasons|under any circumstances|as an ai(?: \w+){0,3}),? ){0,3}"
)
SPEAKER = (
    r"\b(?:i|we|(?:this|the) (?:assistant|model|chatbot|bot)"
    r"|(?:our|my|the|company|store|shop) (?:\w+ ){0,2}?(?:team|store|shop|company|systems?|polic(?:y|ies)|terms"
    r"|rules|staff|service|agents|programming|guidelines|training|instructions|creators|developers|principles))"
)
MODAL = (
    r"(?:can(?:'t|not| not|t)|could(?:n't| not)|won't|wont|will not|would(?:n't| not)|shall not|shan't"
    r"|must(?:n't| not)|should(?:n't| not)|may not|(?:will|would|can|could|shall|must) never)"
)
BE = r"(?:'m| am|'re| are| is|'s| was| were| remain| (?:will|would) be|'ll be| have been|'ve been)"
ABLE = (
    r"(?:able to|allowed to|permitted to|authori[sz]ed to|programmed (?:to|for|with)|designed to|built to"
    r"|comfortable(?: with)?|willing to|in a position to|at liberty to|capable of|going to|prepared to"
    r"|supposed to|equipped to|trained to|meant to|here to|intended to|about to|in the business of)"
)
UNABLE = (
    r"(?:unable to|incapable of|prohibited from|forbidden (?:from|to)|restricted from|barred from|bound not to"
    r"|uncomfortable(?: with)?|unwilling to|reluctant to)"
)
NOT_ABLE = (
    rf"(?: {ADV}{MODAL}(?: be (?:able|willing|allowed) to| be)?"
    rf"|{BE} {ADV}(?:not|never) {ADV}{ABLE}|{BE} {ADV}{UNABLE}|(?: are| is| was| were)n't {ADV}{ABLE}"
    r"| (?:do|did)(?:n't| not) (?:feel (?:\w+ )?comfortable(?: with)?|wish to|want to|intend to"
    r"|plan to|think i (?:can|should))"
    r"| (?:(?:must|will|have to|need to|'ll|'d|would|am going to|'ll have to|respectfully|politely|prefer) ){0,2}"
    r"(?:respectfully |politely )?(?:decline|refuse|refrain from|abstain from|rather not|not to)(?: to)?"
    r"|'d (?:rather|prefer) not(?: to)?)"
)
CANNOT = rf"{SPEAKER},?{NOT_ABLE}"
START_CANNOT = (
    r"^\W*(?:(?:(?:i'm |i am |we're |we are )?(?:so |very |really |truly )?sorry|apologies"
    r"|unfortunately|regrettably|no"
    r"|nope|my apologies)\W+(?:but )?)?(?:but )?(?:can't|cannot|can not|won't|unable to|not able to|not allowed to)"
)
DENIED = rf"(?:{CANNOT}|{START_CANNOT}) {ADV}"

ACT = (
    r"(?:help|assist|aid|provid|offer|giv|shar|disclos|reveal|releas|creat|writ|generat|produc|compos|draft|craft"
    r"|fulfil|compl|support|engag|encourag|promot|endors|condon|participat|partak|contribut|discuss|answer|respond"
    r"|address|pric|plac|recommend|suggest|advis|advocat|instruct|teach|show|explain|describ|list|process"
    r"|refund|exchang"
    r"|replac|cancel|chang|modif|amend|waiv|extend|issu|approv|accept|grant|ship|deliver|honou?r|reimburs"
    r"|compensat|mak|tak|allow|permit|let|send|post|publish|translat|perform|carry|conduct|execut|facilitat"
    r"|enabl|entertain|proceed|continu|act|pretend|impersonat|repeat|insult|tell|supply|serv|arrang|book"
    r"|reserv|remov|delet|unlock|reset|bypass|us|handl|accommodat|negotiat|match|authori[sz]|overrid|circumvent"
    r"|order|plan|guid|satisf|fill|follow|comment|do|go|be involved|be part|be used|get involved"
    r"|speak|say|meet|add|apply"
    r"|adjust|alter|edit|lower|reduc|split|combin|hold|schedul|return|take part|tolerat|play|hack|harm|hurt|lie)"
    r"(?!\w*n't)\w{0,7}\b"
)
KNOW = (
    r"(?:know|predict|determin|verif|confirm|guarant|promis|foresee|foretell|forecast|access|see|view|check|look up"
    r"|look into|locat|find|track|retriev|brows|recall|remember|feel|experienc|love|hate|hear|touch|smell|tast"
    r"|identif|recogni[sz]|judg|assess|evaluat|speculat|estimat|calculat|ascertain|understand"
    r"|form|possess|empathi[sz]"
    r"|forgiv|marry|age|eat|sleep|drink|have|read|measur|rul|conclud|vouch|pinpoint|quantif"
    r"|be (?:sure|certain|held|in love)"
    r"|be \w{0,12}(?:sure|certain)|perceiv|sens|fall|physically|interact|search|observ"
    r"|independently|become|think|anticipat"
    r"|tell (?:you )?(?:for (?:sure|certain)|with|if|whether|when|what|how|which|who|exactly"
    r"|from)|say (?:for|with|if|whether"
    r"|when|what|how|exactly)|truly|mimic|die|dream|enjoy|get (?:angry|jealous|married|sick)|make (?:\w+ ){0,2}"
    r"(?:predictions?|judg\w+|determinations?|assessments?|guarantees?)|speak (?:to|for|about) what)\w{0,6}\b"
)
EPISTEMIC = (
    r"(?:definit\w+|accurate|exact|precise|certain|certainty|real-time|up-to-date|latest|current|recent|personal"
    r" (?:opinion|view|feeling|experience|belief|judg)\w*|opinions?|(?:personal )?judg\w+|predictions?|confirmation"
    r"|guarantees?|assurances?|insights?|specific (?:information|details|figures?|numbers?|answers?|data|dates?))"
)
PROFESSION = (
    r"(?:doctors?|midwi(?:fe|ves)|paramedics?|physicians?|dentists?|psychiatrists?|psychologists?|therapists?"
    r"|counsel(?:l)?ors?|pharmacists?|nurses?"
    r"|lawyers?|attorneys?|solicitors?|accountants?|veterinarians?|vets?|dermatologists?"
    r"|gyn\w{4,8}ists?|specialists?|clinicians?"
    r"|(?:financial |tax |legal |investment |business )(?:advis[eo]rs?|planners?|experts?"
    r"|consultants?)|advis[eo]rs?"
    r"|(?:\w+[- ])?(?:health|medical|legal|mental|law|financial|tax|care|healthcare|qualified"
    r"|licensed|trained)[- ]?"
    r"(?:\w+ ){0,3}(?:professional|provider|practitioner|expert|specialist|advis[eo]r|aid)s?"
    r"|professionals?|electricians?|engineers?"
    r"|experts?|poison control|emergency (?:services|room|department|number)|911|999|112"
    r"|(?:crisis|suicide|help) ?(?:hot)?lines?|helplines?|hotlines?|police|law enforcement|authorit(?:y|ies))"
)
ROLE = (
    r"(?:diagnos\w*|prescri\w*|treat\w*|therap\w*|counsel\w*|"
    r"(?:medical|legal|financial|investment|clinical|psychiatric|psychological|professional|tax"
    r"|health|dental|mental)"
    r"[\w ,]{0,40}?(?:advice|opinions?|diagnos\w+|guidance|treatment|help|consultation"
    r"|recommendations?|therapy|care"
    r"|services?|assessments?|support)|advice on (?:\w+ ){0,3}(?:medic\w+|legal|invest\w+)|medications?)"
)
