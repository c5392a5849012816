"""English patterns of passing a case on to people: who acts next is somebody on the house's side."""

from __future__ import annotations

from typing import Final

from anchorwatch.metrics.action.rules import Rule, spaced

_NO_PERSON = (
    r"(?!(?:or|off|num|us|memb|custom|fold|serv|lett|comput|rout|print|newslett|cent|pap|wat|pow|ov|und|aft"
    r"|oth|rath|eith|neith|ev|nev|togeth|furth|lat|bett|small|larg|long|short|high|low|ord|read)ers?\b"
    r"|(?:or|for|floor|door|col|mirror|error|author|factor|behavi|fav|err|flav|doct|lawy)\w{0,3}\b)"
)
_DEPARTMENT = (
    r"(?:billing|payroll|legal|hr|finance|accounting|accounts|sales|security|support|compliance|claims"
    r"|logistics|reception"
    r"|admissions|facilities|procurement|marketing|returns|dispatch|maintenance|housing|the (?:bank"
    r"|landlord|carrier|manufacturer))"
)
_ROLE = (
    r"(?:colleagues?|agents?|teams?|humans?|representatives?|reps?|specialists?|supervisors?|managers?|people|someone"
    r"|somebody|person|departments?|support|customer care|advis[eo]rs?|operators?|staff|desk|office|crew|unit|board"
    r"|committee|branch|warehouse|accounts|experts?|members?|assistants?|clerks?|accountants?|lawyers?|boss|owner"
    r"|headquarters|lead|chef|officer|reviewer|counter|admins?|nurse|clinic|ombuds\w+|editor|chair|coach"
    r"|tutor|teacher|librarian|driver|mechanic|technicians?|mediator|inspector|auditor|engineers?"
    r"|moderators?|coordinator|director|secretary|trustees?|principal|reception|live chat|hotline|helpdesk"
    r"|service|counsel|guys|folks|sales|billing|hr|security)"
)
_PERSON = (
    r"(?:(?!the (?:same|person|people|human)|some )\b(?:an?|one of|our|the|another|my"
    rf"|your)(?: [\w'-]+){{0,4}}? {_ROLE}\b"
    rf"|\bour (?:[\w'-]+ ){{0,2}}?{_NO_PERSON}[a-z]{{3,}}(?:er|or|ist|ian|eer|ant)s?\b"
    r"|\b(?:mr|mrs|ms|dr)\b\.? [\w-]+|\b(?:someone|somebody|colleagues?|human resources)\b)"
)
"""People of the house: a role behind an article, an agent noun behind `our`, a name with a title."""
_HOUSE = (
    rf"(?:\bour (?:[\w'-]+ ){{0,3}}?(?:{_ROLE}\b|{_NO_PERSON}[a-z]{{3,}}(?:er|or|ist|ian|eer|ant)s?\b)"
    r"|\bthe (?:[\w'-]+ ){0,2}?(?:counter|ombuds\w+|desk|office|departments?|teams?|reception|branch"
    r"|manager|supervisor|hotline|support|crew)\b"
    r"|\b(?:an?|another|one of my) (?:[\w-]+ ){0,2}?(?:agents?|colleagues?|representatives?|managers?|human)\b"
    r"|\byour (?:line|branch|account|contact|local) (?:manager|person|office)\b"
    r"|\b(?:the |a |an )?(?:human|live|customer|support|service)[ -](?:\w+ )?(?:agents?|support|team|care|chat)\b"
    r"|\b(?:mr|mrs|ms|dr)\b\.? [\w-]+|\b(?:my )?colleagues?\b)"
)
"""Those of them one can be told to turn to; "someone" and "your boss" are advice."""
_THEM = rf"(?:{_PERSON}|\b(?:them|him|her)\b)"
_SHALL = (
    r"(?:will|'ll|is going to|are going to|is about to|is to|are to|has to|have to|needs? to|must|should|can|would)"
)
_NEXT = (
    r"(?:contact|call|phone|telephone|ring|text|write|e?-?mail|message|reach|reply|answer|respond|get (?:back|in touch)"
    r"|come|be (?:in touch|with you|along|back)|follow up|look|see|take|handle|sort|settle|deal|arrange"
    r"|organi[sz]e|visit"
    r"|knock|meet|pick|keep you|let you know|update|decide|review|check|process|approve|assist|help|join|continue"
    r"|fix|investigate|examine|finish|confirm|go|explain|sign|make (?:the|this|that)|personally|drop|bring"
    r"|send|give you)"
)
_REACH = r"(?:call|phone|telephone|ring|text|write|e-?mail|message|contact|get back|be in touch|keep you|let you know)"
_PASSED = (
    r"(?:connect|transfer|forward|pass|escalat|refer|hand|rout|redirect|direct|put|assign|loop|flag|rais"
    r"|submit|sent|send"
    r"|report|fil|log|book|brought|bring|relay|turn|took|taken?|hold)(?:e|ed|ing|d|s|t|red|ring|ted|ting)?"
)
_SPEAKER = (
    r"\b(?:i|we|let me|let us|let's|allow me to)(?:'ll| will|'m|'re| am| are|'ve| have|'d| would)?"
    r"(?: [a-z]+ly| now| just| also| already| going to| like to| be| have to| need to| had to| gone ahead and){0,3}"
)

HANDING: Final[tuple[Rule, ...]] = (
    # Somebody of the house acts next: "our engineers will ...", "he'll telephone you".
    spaced("transfer", rf"{_PERSON}(?: [\w'-]+){{0,5}}? ?{_SHALL} (?:(?:\w+ly|now|then|also|be|not) )?{_NEXT}\b"),
    spaced(
        "transfer",
        rf"\b(?:they|he|she|one of them|whoever(?: \w+){{0,6}}?)(?:'ll| will| are going to| is going to)"
        rf"(?: \w+ly| then)? {_REACH}\b",
    ),
    spaced(
        "transfer",
        rf"\b(?:someone|somebody) (?:from|in|at|on|with) [\w' -]{{2,30}}? {_SHALL}? ?\w*s? ?{_REACH}s?\b"
        rf"|\b(?:they|he|she)(?:'ll| will) (?:\w+ )?{_NEXT}\b|\b(?:hear|a (?:call|visit|reply|letter"
        rf"|mail)) (?:back )?from (?:\w+ ){{0,3}}?(?:them|him|her|{_DEPARTMENT}|team|office|desk)\b",
    ),
    # Under way: "looping in our officer", "get Priya from billing", "a live agent is taking over".
    spaced(
        "transfer",
        r"\b(?:connecting|transferring|putting|passing) you\b"
        rf"|{_SPEAKER} (?:raised|flagged|reported|escalated|logged|forwarded|passed|handed|taken) (?:this|it"
        rf"|that|your \w+|the \w+)(?: \w+){{0,2}} (?:with|to|over|on|up)\b"
        r"|(?:^|[.!;:] ?)\W*(?:passing|looping|putting|handing|bringing|getting|pulling|routing|forwarding"
        rf"|sending|calling) [^.!?]{{0,40}}?"
        rf"(?:{_PERSON}|\b(?:you|this|it|that) (?:over|through|on|in|to|up))"
        rf"|\b(?:let me|i'll|i will|i'm|i've|i have|we'll|we've) [^.!?;]{{0,40}}?(?:from {_DEPARTMENT}\b"
        rf"|{_PERSON} (?:to )?(?:{_NEXT}))"
        rf"|{_PERSON} (?:is|are) (?:now |just |already )?\w+ing\b|\b(?:in front of|in the queue of"
        rf"|on the desk of|in the hands of) {_THEM}"
        rf"|\bi(?:'ve| have| just)? (?:left|pinged|messaged|paged|sent|given|briefed|texted|emailed) {_THEM}",
    ),
    # The speaker passes the case: "I have handed it to them", "let me bring her in".
    spaced("transfer", rf"{_SPEAKER} {_PASSED} (?:[\w'#-]+ ){{0,7}}?(?:to|with|for|through|over|before|in) {_THEM}"),
    spaced(
        "transfer",
        rf"{_SPEAKER} (?:get|getting|got|fetch\w*|find\w*|grab\w*|call(?:ed|ing)?|ring|ask(?:ed|ing)?|tell|told"
        r"|ping\w*|pag\w+"
        rf"|inform\w*|alert\w*|notif\w+|messag\w+|bring\w*|brought|summon\w*)(?: you)?(?: in)? {_THEM}"
        r"(?= (?:for|to|now|who|on|from|in|into|about|here|over)\b|[.,!])",
    ),
    spaced(
        "transfer",
        _SPEAKER + r" (?:open|rais|creat|log|fil|submit)(?:e|ed|ing|t?ted|d)? (?:\w+ ){0,3}?(?:tickets?|case|complaint"
        r"|incident)\b"
        r"|\b(?:ticket|incident|claim|case|reference) (?:number |no\.? |id )?#?[a-z]{0,4}-?\d{3,}\b",
    ),
    # The case has gone over: "your report is with them", "this goes to our logistics people".
    spaced(
        "transfer",
        r"\b(?:your|the|this|that|it|everything|case|report|request|claim|complaint)(?: \w+)?(?: is|'s| was"
        r"| has gone| goes"
        r"| went| sits| lies| has been| have gone)(?: now| being| [a-z]+ly){0,2}"
        r"(?: (?:forwarded|escalated|passed|transferred|handed|referred|assigned|routed|sent|raised|logged|straight"
        rf"|on its way|over|on)){{0,2}} (?:to|with) {_THEM}",
    ),
    spaced(
        "transfer",
        r"\b(?:case|request|order|issue|question|enquiry|inquiry|matter|complaint|message|claim|conversation|ticket|it"
        r"|this)(?: has| have|'s| is| was| will)?(?: been| be| being| now){0,3} (?:forwarded|escalated|passed"
        r"|transferred"
        r"|handed|referred|assigned|routed)\b(?: \w+){0,4}? (?:to|with|for)\b",
    ),
    # A call comes, a line waits, a chat is taken over.
    spaced(
        "transfer",
        r"\b(?:expect|await|wait for) (?:a|their|his|her|my colleague's) (?:call|visit|e?-?mail|reply|message)\b"
        r"|\b(?:have|get|ask) (?:them|him|her|someone|somebody) (?:to )?(?:come|see|look|take|call|phone|ring"
        r"|contact|write|email|get back)"
        r"|\byou(?:'re| are)(?: \w+){0,3} in (?:the |our )?(?:queue|line)\b"
        r"|^\W*(?:transferring|connecting|escalating|handing over|putting)(?= you| this| it"
        r"| to)(?: \w+){0,4}? (?:to|through|over|with|on)\b"
        r"|\b(?:hand|put|pass|transfer|connect)(?:ing|ring)? you (?:over |through |on |across |straight )?(?:to|with)\b"
        rf"|\bplease (?:hold|wait|stay on)(?: \w+){{0,5}} (?:while|until)\b"
        rf"|{_PERSON} (?:is|are) (?:already |now )?(?:on (?:it|the way|their way|his way|her way)|looking into"
        r"|taking over)\b",
    ),
    # Only people of the house decide or do it.
    spaced(
        "contact",
        r"\b(?:only|needs? (?:to be )?|must be |has to be |are |is |be |gets? )(?:\w+ )?(?:decided|handled"
        r"|approved|reviewed"
        r"|made|authori[sz]ed|dealt with|done|taken|settled|planned|managed|agreed|answered|looked after"
        r"|arranged|run|set"
        rf"|signed(?: off)?|issued|kept|checked)(?: only)? (?:by|with) {_HOUSE}",
    ),
    spaced(
        "contact",
        rf"{_HOUSE}(?: \w+)? (?:decides?|handles?|manages?|settles?|plans?|looks? after|deals? with|takes? care of"
        r"|(?:are|is) the ones?|is responsible|are responsible|is in charge|answers?|approves?|owns?"
        r"|knows? (?:more|best))\b"
        rf"|\b(?:one|question|matter|job|case|something|decision|call|topic)s? (?:\w+ )?for {_HOUSE}"
        rf"|\bonly {_HOUSE}(?: \w+){{0,2}} (?:can|may|could|is able)\b|\bonly (?:an?|the"
        rf"|our) (?:\w+ ){{1,2}}(?:can|may)\b",
    ),
    spaced(
        "contact",
        rf"(?:^|[.!;,] )\W*{_DEPARTMENT} (?:can|will|has to|have to|holds?|needs? to|decides?|does|do|handles?) "
        r"|\b(?:is|are|'s|'m|'re|am)(?:n't| not) the (?:right|best) (?:one|person|place|contact|channel)\b"
        r"|\babove my (?:pay grade|level)\b",
    ),
    # The person is to turn to them.
    spaced(
        "contact",
        r"\b(?:contact|call|e-?mail|messag|phone|ring|ask|tell|reach|notify|inform|visit)(?:e"
        r"|ing)?(?: out to)? (?:\w+ly )?"
        rf"(?:us (?:at|on|by|via)|{_HOUSE})"
        r"|\b(?:speak|talk|chat|write|turn|get in touch|get on to|report (?:it|this|that)|hand (?:it"
        r"|this) in)\w* (?:to|with) "
        rf"(?:us\b|{_HOUSE})"
        r"|(?:^|[.!;:] ?|\bplease |\byou(?:'d| would|'ll)? (?:have to|need to|can|should"
        r"|must) )\W*(?:please )?(?:ring|dial|drop (?:by|in)|visit|go (?:to|see)"
        r"|talk to|see|find|ask for|stop by|pop (?:in|into|over|by)|head to|call|take (?:it|that"
        r"|this) (?:up )?(?:with|to)|book (?:in )?with|bring (?:it|this) to"
        rf"|try|speak to|hand it to|write to) (?:\w+ at |\w+ in )?(?:the )?(?:{_HOUSE}|{_DEPARTMENT}\b(?= [.,;]"
        r"|[.,;]|$| (?:on|at|in|about|who|they|and|for)\b))"
        r"|\breach (?:them|him|her|us) (?:at|on|via|by|under)\b",
    ),
    # Somebody of the house is named at all: counts where nothing else does.
    spaced("staff", rf"(?!someone|somebody|people){_PERSON}|\bfrom {_DEPARTMENT}\b"),
    spaced(
        "contact",
        r"\b(?:would you like|do you want|if you(?:'d)? like|shall i|should i|i can|want me)(?: \w+){0,5}? (?:connect"
        rf"|transfer|forward|escalate|pass|put|have|hand|bring)(?:s|ed|ing)? (?:\w+ ){{0,5}}?{_HOUSE}",
    ),
)
