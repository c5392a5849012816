"""English patterns of not knowing: no data, no access, no self, nobody can tell."""

from __future__ import annotations

from typing import Final

from anchorwatch.metrics.action.rules import Rule, spaced

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
    # Nothing there to know it from: "no idea", "no record of it", "the file gives no reason".
    spaced(
        "unknown",
        r"\b(?:no|not the (?:slightest|faintest|foggiest)) (?:idea|clue|telling|hint|knowing|inkling)\b"
        r"|\bno (?:[\w-]+ )?(?:records? of|way (?:to|of) (?:tell|know|check|see|find|say|verify|predict)\w*"
        r"|live (?:data|access|feed|scores?)"
        r"|crystal ball|means of)\b|\b(?:doesn't|does not) ring a bell\b|\b(?:never|not) (?:come|came) across\b"
        r"|\bno(?:body| ?one) (?:has (?:ever )?(?:\w+ly )?\w+ed|is able to|can)\b"
        r"|\bno (?:\w+ ){1,5}(?:survives?|remains?|is known|are known|exists? on)\b"
        r"|\bstays? (?:open|unclear|unknown)\b|\b(?:one|you|nobody|no one) (?:really )?(?:can't"
        r"|cannot) (?:really )?(?:say|give a number|tell|know|count)\b"
        r"|\b(?:gives?|gave|states?|shows?|names?|lists?|contains?|says?|has|have|mentions?|includes?|holds?"
        r"|carr(?:y|ies)) (?:no|nothing)"
        r" (?:\w+ )?(?:reason|date|price|name|number|figure|detail|cause|word|time|about|of|on|there"
        r"|explanation|address)",
    ),
    # It stays open, for everybody or for now.
    spaced(
        "unknown",
        r"\b(?:remains?|is|are|be|was|stays?|'s|still)(?: \w+){0,2}? (?:unclear|unknown|uncertain|unsettled"
        r"|unresolved|undecided"
        r"|disputed|a mystery|a secret to me|open(?= (?:question|whether|how|who))|in dispute|not (?:clear"
        r"|known|settled|decided|recorded|documented|on record))\b"
        r"(?! (?:to the public|source|from|until|daily|on|all|for|every|at|between))"
        r"|\blost to (?:history|time)\b|\byour guess is\b|\bbeats me\b|\bwho knows\b"
        r"|\bjury is (?:still )?out\b|\bcoin (?:toss|flip)\b"
        r"|\b(?:too|far too|much too) (?:early|soon|little) to\b|\btime will tell\b|\bhistorians? (?:disagree"
        r"|argue|are divided)"
        r"|\b(?:impossible|hard|difficult|tough|tricky) (?:for \w+ )?to (?:say|tell|know|judge|predict|guess"
        r"|pin down|name)\b",
    ),
    spaced(
        "unknown",
        r"\bonly (?:[\w']+ ){1,4}(?:could|can|would|might)? ?(?:say|knows?|tell)\b|\b(?:experts?|economists?"
        r"|historians?|scientists?|scholars?|opinions?"
        r"|sources?|studies|forecasts?|reports?) (?:are|is|still|\w+ly)? ?(?:split|divided|disagree|differ"
        r"|conflict\w*|contradict\w*)\b"
        r"|\bno (?:\w+ )?(?:files?|attachments?|pictures?|images?|photos?|documents?|links?|text|one has|news"
        r"|reports?) (?:\w+ )?(?:came|arrived|attached|is|was|are|has|have|reached|through|yet)\b"
        r"|\b(?:i'm|i am|we're) not (?:linked|connected|hooked|plugged|wired|tied|there|present|online"
        r"|able to see)\b|\bi(?:'ve) no\b(?! (?:problem|objection|issue|doubt))"
        r"|\byou(?:'ve| have)?(?:n't| not| never) (?:yet )?(?:told|given|shared|attached|sent|said|mentioned"
        r"|shown)\b|\b(?:since then|after that)(?: there(?:'s| is))? (?:nothing|no)\b"
        r"|\b(?:isn't|is not|aren't|wasn't|was not|weren't|never|not) (?:logged|recorded|tracked|stored|kept"
        r"|written down|passed on|shown to|tied to|archived|documented|counted|measured)\b",
    ),
    # A source is silent or out of reach.
    spaced(
        "unknown",
        r"\b(?:does|do|did|has|have|was|were|is|are)(?:n't| not| never)(?: \w+ly| yet| been)* (?:say|said"
        r"|mention(?:ed)?|state[d]?"
        r"|tell|told|give[n]?|list(?:ed)?|specif(?:y|ied)|reveal(?:ed)?|record(?:ed)?|publish(?:ed)?"
        r"|announced?|confirmed|reached me"
        r"|come with|arrive|attached|load(?:ed)?|in my (?:data|notes|records))\b(?! (?:you|to|that (?:the|it)))"
        r"|\b(?:is|are) (?:not in|missing from|not part of|absent from) (?:my|our|the) (?:data|notes|records?"
        r"|documents?|files?|text|list)"
        r"|\b(?:nothing|none)(?: [\w']+){0,8} (?:says|tells|mentions|about (?:it|this|that)|shows|names)\b"
        r"|\b(?:i|we) (?:see|find|found|have|hold|get|got|can see|know of) (?:no|nothing|none|only)\b"
        r"|\b(?:i|we)(?:'ve| have)? never (?:seen|heard|met|read|been|tasted)\b"
        r"|\b(?:all )?i (?:can )?(?:see|have|get|receive) (?:here )?(?:is|are) (?:only )?(?:text|words|what you)\b"
        r"|\bi(?:'m| am) (?:only |just )?(?:a |an )?(?:text|software|program)\b"
        r"|\b(?:hidden|invisible|opaque|closed|unavailable|inaccessible) (?:to|from) (?:me|us)\b|\bi(?:'m| am) blind\b",
    ),
)
