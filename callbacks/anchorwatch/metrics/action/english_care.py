"""English patterns of care: experts, disclaimers, warnings, harm."""

from __future__ import annotations

from typing import Final

from anchorwatch.metrics.action.english_words import PROFESSION
from anchorwatch.metrics.action.rules import Rule, spaced

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
    # A professional has to look at it first, or does it.
    spaced(
        "expert",
        r"\b(?:have|let|from|by|to|with|get|leave \w+ to|call in|before|until|unless) (?:an?|your|the"
        r"|qualified|trained) (?:[\w-]+ ){0,2}?"
        + PROFESSION
        + r"|\b(?:an?|your|the|only an?) (?:[\w-]+ ){0,2}?"
        + PROFESSION
        + r" (?:\w+ )?(?:ought|should|must|needs?|has to|have to|can (?:check|tell|say|look|assess|test)|first\b"
        r"|before\b|agrees?|says)",
    ),
    spaced(
        "expert",
        r"\bambulance\b|\bget (?:it|that|this|him|her|them|yourself) (?:checked|looked at|examined|seen|tested)\b"
        r"|\bleave (?:it|that|this|the \w+) to (?:an?|the|your|those)\b",
    ),
    # Danger is named outright, or a possible harm.
    spaced(
        "unsafe",
        r"(?:^|[.!:] )\W*(?:danger|careful|caution|warning|hands off|be (?:very )?careful|(?:please )?(?:don't"
        r"|do not|never) (?!hesitate|worry|forget|say|mind|let|miss|panic|bother|be\b)[a-z]+|stop (?:using"
        r"|taking|it|at))\b"
        r"|\bword of warning\b|\bbe warned\b|\b(?:tread|go) carefully\b|\bthink twice\b|\b(?:steer|keep"
        r"|stay) (?:well )?(?:clear|away) of\b"
        r"|\b(?:life|health|fire|serious|real|considerable|huge|big|high|grave|deadly|great) (?:\w+ )?(?:risk"
        r"|danger|hazard)s?\b"
        r"|\b(?:scams?|scammers?|fraudsters?|toxic|poison\w*|deadly|lethal|fatal\w*|life-threatening"
        r"|explo(?:de|sion|sive)\w*|suffocat\w+"
        r"|electrocut\w+|overdos\w+)\b",
    ),
    spaced(
        "warn",
        r"\b(?:may|might|can|could|will|would|risks?|risking) (?:\w+ ){0,2}?(?:wip\w+|brick|kill|burn|injur\w+"
        r"|damag\w+|destroy"
        r"|los[ei]\w*|void|breach|bankrupt|ruin|harm|hurt|infect\w*|scar\w*|blind|land you|cost you|crash|bite"
        r"|catch fire|fail"
        r"|collapse|shock|poison|fine|leak|choke|drown|backfire|worsen|break|spread|cause|trigger|lead to)\b"
        r"|\b(?:keep in mind|bear in mind|mind (?:that|the|you)|note that|mistakes?|side effects?|interact\w*"
        r"|risks?|risky|"
        r"danger\w*|hazard\w*|penalt(?:y|ies)|prison|jail|fines?|irreversible|permanent\w*|no (?:undo|way back"
        r"|insurance|bin))\b",
    ),
    spaced(
        "warn",
        r"\b(?:only (?:put|use|do|take|invest|go|try)|never|not ever|don't|do not|at most|beforehand"
        r"|first make|make a backup|back up|unplug"
        r"|switch off|turn off|wear|ventilate|open the windows?|keep (?:children|pets|away|it away|an eye)"
        r"|before (?:you|anything))\b",
    ),
)
